/**
 * `npm run build`: compiles src/ to dist/, makes the command executable, and leaves a stamp whose
 * time says what the build has seen. With `--clean` dist/ is removed first, as for a release.
 *
 * tsc keeps the first line `#!/usr/bin/env node` of the command, but not the right to execute it.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

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

/** Builds dist/. Answers whether it succeeded. */
export function build({ clean = false } = {}) {
  const began = new Date()
  if (clean) rmSync(join(root, 'dist'), { recursive: true, force: true })
  if (!compile('tsconfig.build.json')) return false
  const command = join(root, 'dist', 'cli', 'redstart.js')
  if (existsSync(command)) chmodSync(command, 0o755)
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stampPath, '')
  utimesSync(stampPath, began, began)
  return true
}

if (isProgram(import.meta.url)) {
  process.exitCode = build({ clean: process.argv.includes('--clean') }) ? 0 : 1
}
