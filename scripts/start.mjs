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

prepare()
const command = join(root, 'dist', 'cli', 'redstart.js')
process.argv[1] = command
await import(pathToFileURL(command).href)
