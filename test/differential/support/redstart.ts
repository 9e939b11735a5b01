/**
 * Redstart as it is built (`dist/`), started as a child process with the flags of redis-server.
 * The environment variable REDSTART names another command to test in its place, its words split
 * at blanks: `REDSTART=redis-server` proves the tests themselves.
 */
import fs from 'node:fs'
import path from 'node:path'
import { type RunningServer, type StartOptions, startServer } from './server-process.ts'

/** Found from the working directory, the repository's root: bench/ runs compiled elsewhere. */
const executable = path.resolve('dist/cli/redstart.js')

/** Program and first arguments of the command that serves. Throws when nothing has been built. */
export function redstartCommand(): string[] {
  const replacement = process.env.REDSTART
  if (replacement) return replacement.split(/\s+/)
  if (!fs.existsSync(executable)) throw new Error(`${executable} is missing: npm run build`)
  return [process.execPath, executable]
}

export function startRedstart(options?: StartOptions): Promise<RunningServer> {
  return startServer('redstart', redstartCommand(), options)
}
