/**
 * Redstart as it is built (`dist/`), started as a child process with the flags of redis-server.
 * The environment variable REDSTART names another command to test in its place, its words split
 * at blanks: `REDSTART=redis-server` proves the tests themselves.
 */
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type RunningServer, type StartOptions, startServer } from './server-process.ts'

const executable = fileURLToPath(new URL('../../../dist/cli/redstart.js', import.meta.url))

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
