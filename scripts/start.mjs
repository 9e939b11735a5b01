/**
 * `npm start`: prepares the checkout, then becomes the server, in this same process, so that the
 * process id, the signals and standard input are the server's own.
 *
 * The command must not notice: process.argv reads as if dist/cli/redstart.js had been started.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './build.mjs'
import { prepare } from './prepare.mjs'

/**
 * Ends the server in order when the shell between npm and it has gone. npm passes SIGTERM on to
 * that shell, and a shell such as dash dies of it without passing it on: the server would live on,
 * unseen, and hold its port. The process then has another parent, which is what is looked at.
 */
function followShell() {
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 200)
  timer.unref()
}

prepare()
if (process.env.npm_lifecycle_event === 'start') followShell()
const command = join(root, 'dist', 'cli', 'redstart.js')
process.argv[1] = command
await import(pathToFileURL(command).href)
