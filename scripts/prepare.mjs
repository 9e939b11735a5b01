/**
 * Brings a checkout to where it can run: installs the packages when they are not those of the
 * lock file, and builds when a source is newer than the last build. `npm start` and `npm test`
 * begin here, so a fresh clone needs no other command.
 *
 * It runs before anything is installed, hence plain JavaScript without dependencies. It says what
 * it does in one line on stderr, and nothing when there is nothing to do.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build, isProgram, root, stampPath } from './build.mjs'

/** Ends the process with one line that says what is wrong and what would help. */
function fail(message) {
  process.stderr.write(`redstart: ${message}\n`)
  process.exit(1)
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm leaves a copy of the lock file
 * in node_modules when an installation is complete; the two are compared by content, since times
 * say nothing after a checkout. Optional packages of other platforms are rightly absent there.
 */
function isInstalled() {
  const installedPath = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedPath)) return false
  const installed = readPackages(installedPath)
  const wanted = readPackages(join(root, 'package-lock.json'))
  for (const [name, entry] of Object.entries(wanted)) {
    if (name === '') continue
    const found = installed[name]
    if (found === undefined ? !entry.optional : found.version !== entry.version) return false
  }
  return Object.keys(installed).every((name) => name in wanted || installed[name].optional)
}

/** Runs npm, its output kept; answers what spawnSync does. */
function npm(...args) {
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  // Under `npm start` npm tells where it is; run by hand, the shell finds it (on Windows npm.cmd).
  const program = process.env.npm_execpath
  return program?.endsWith('.js')
    ? spawnSync(process.execPath, [program, ...args, ...quiet], options)
    : spawnSync('npm', [...args, ...quiet], { ...options, shell: process.platform === 'win32' })
}

/**
 * Installs what the lock file says. `npm ci` refuses a lock file that was written where a registry
 * lacked the optional packages of other platforms; `npm install --no-save` then installs the same
 * versions, with those optional packages that the registry at hand has, and writes nothing back.
 */
function install() {
  process.stderr.write('redstart: installing packages (npm ci)\n')
  let result = npm('ci')
  if (result.status !== 0 && /\bEUSAGE\b/.test(result.stderr ?? '')) {
    process.stderr.write('redstart: the lock file is not complete, npm install instead\n')
    result = npm('install', '--no-save')
  }
  if (result.status === 0) return
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  fail(
    'installing failed, see above. Redstart needs its development packages once: ' +
      'check the network or the registry, then try again',
  )
}

/** The newest modification time, in milliseconds, of a file or of everything in a folder. */
function newestMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  // The folder's own time counts too: it changes when a file in it is removed or renamed.
  let newest = stat.mtimeMs
  for (const name of readdirSync(path)) newest = Math.max(newest, newestMs(join(path, name)))
  return newest
}

function isBuilt() {
  const stamp = statSync(stampPath, { throwIfNoEntry: false })
  if (stamp === undefined) return false
  const inputs = [
    'src',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]
  return inputs.every((name) => newestMs(join(root, name)) <= stamp.mtimeMs)
}

/** Installs and builds as needed. Ends the process with status 1 when either fails. */
export function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node 20.19 or newer is needed, this is ${process.versions.node}`)
  }
  if (!isInstalled()) install()
  if (!isBuilt()) {
    process.stderr.write('redstart: building\n')
    if (!build()) fail('the build failed, see above')
  }
}

if (isProgram(import.meta.url)) prepare()
