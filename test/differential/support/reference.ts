/**
 * The reference of the differential tests: a real `redis-server`, found on PATH or named by the
 * environment variable REDIS_SERVER.
 */
import { spawnSync } from 'node:child_process'
import { type RunningServer, type StartOptions, startServer } from './server-process.ts'

const program = process.env.REDIS_SERVER ?? 'redis-server'

/** The version of the reference (`7.0.15`), or undefined where there is none to be had. */
export const referenceVersion: string | undefined = findVersion()

function findVersion(): string | undefined {
  const result = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return /\bv=(\d+\.\d+\.\d+)/.exec(result.stdout ?? '')?.[1]
}

export function startReference(options?: StartOptions): Promise<RunningServer> {
  return startServer('reference', [program], options)
}
