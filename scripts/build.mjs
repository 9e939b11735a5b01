/**
 * `npm run build`: compiles src/ to dist/, makes the command of it, and leaves a stamp whose time
 * says what the build has seen. With `--clean` dist/ is removed first, as for a release.
 *
 * The command, dist/cli/redstart.js, is a few files of all modules that a server needs, and the
 * library, dist/index.js, is one: Node takes about half a millisecond to find and link a module, so that
 * some hundred of them would double the time from start to serving. What is loaded by `import()`,
 * such as the subcommands, lies beside them in chunks. None has comments, which took five of a
 * hundred milliseconds. All are written even when types are wrong, as the other modules are.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** How the names of chunks begin. */
const CHUNK = 'chunk-'

/** See docs/dependencies.md. */
const BUNDLED_LICENCES = [
  ['echarts', 'LICENSE'],
  ['echarts', 'NOTICE'],
  ['zrender', 'LICENSE'],
  ['echarts/node_modules/tslib', 'LICENSE.txt'],
]

/** The file whose modification time is when the last successful build began. */
export const stampPath = join(root, 'dist', '.stamp')

/** Whether the module of this URL is the program that Node was started with. */
export function isProgram(url) {
  return realpathSync(process.argv[1]) === fileURLToPath(url)
}

/** Runs tsc on a project file; its messages go to stderr. Answers whether it succeeded. */
export function compile(project) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const result = spawnSync(process.execPath, [tsc, '-p', join(root, project)], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  return result.status === 0
}

/** Makes one file, and its chunks beside it, of a module with all that it imports. */
function bundle(source, folder) {
  const rolldown = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs')
  const options = ['--dir', folder, '--format', 'esm', '--platform', 'node', '--no-comments']
  options.push('--chunkFileNames', `${CHUNK}[name].js`)
  removeChunks(folder)
  const result = spawnSync(process.execPath, [rolldown, join(root, 'src', source), ...options], {
    cwd: root,
    encoding: 'utf8',
  })
  if (result.status !== 0) process.stderr.write(result.stdout + result.stderr)
  return result.status === 0
}

/** Makes the command and the library. Answers whether it succeeded. */
function bundleAll() {
  const dist = join(root, 'dist')
  if (!bundle(join('cli', 'redstart.ts'), join(dist, 'cli'))) return false
  chmodSync(join(dist, 'cli', 'redstart.js'), 0o755)
  copyLicences()
  return bundle('index.ts', dist)
}

/** Puts the licences of the packages that are part of the command beside it. */
function copyLicences() {
  const folder = join(root, 'dist', 'cli', 'licenses')
  mkdirSync(folder, { recursive: true })
  for (const [packageName, file] of BUNDLED_LICENCES) {
    const source = join(root, 'node_modules', packageName, file)
    if (existsSync(source)) copyFileSync(source, join(folder, `${basename(packageName)}-${file}`))
  }
}

/** Removes the chunks of an earlier build, whose names may have been others. */
function removeChunks(folder) {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (name.startsWith(CHUNK)) rmSync(join(folder, name))
  }
}

/** Builds dist/. Answers whether it succeeded. */
export function build({ clean = false } = {}) {
  const began = new Date()
  if (clean) rmSync(join(root, 'dist'), { recursive: true, force: true })
  const isCompiled = compile('tsconfig.build.json')
  if (!bundleAll() || !isCompiled) return false
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stampPath, '')
  utimesSync(stampPath, began, began)
  return true
}

if (isProgram(import.meta.url)) {
  process.exitCode = build({ clean: process.argv.includes('--clean') }) ? 0 : 1
}
