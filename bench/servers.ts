/**
 * The two servers of a measurement, started with the same settings, and what the operating
 * system and INFO say of them.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { startRedstart } from '../test/differential/support/redstart.ts'
import { startReference } from '../test/differential/support/reference.ts'
import { latin1, parseReply } from '../test/differential/support/reply.ts'
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { WireClient } from '../test/differential/support/wire.ts'

export const SETTINGS = ['--appendonly', 'no']

/** One value of each server. */
export interface Both<T> {
  redis: T
  redstart: T
}

/** Runs `measure` with a fresh pair of servers, which end with it. */
export async function withServers<T>(
  measure: (servers: Both<RunningServer>) => Promise<T>,
  flags: readonly string[] = SETTINGS,
): Promise<T> {
  const redis = await startReference({ flags })
  try {
    const redstart = await startRedstart({ flags })
    try {
      return await measure({ redis, redstart })
    } finally {
      await redstart.close()
    }
  } finally {
    await redis.close()
  }
}

const onLinux = process.platform === 'linux'
const TICK_US = onLinux ? 1e6 / Number(execFileSync('getconf', ['CLK_TCK'])) : 0

/**
 * The CPU time that a process has used so far, all its threads', in µs: user and system together,
 * from /proc (exact to 10 ms), elsewhere from `ps` (exact to 10 ms on macOS). NaN when neither
 * says.
 */
export function cpuUs(pid: number): number {
  if (onLinux) {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name is in brackets and may hold blanks; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_US
  }
  return psSeconds(pid) * 1e6
}

function psSeconds(pid: number): number {
  try {
    const time = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'latin1' })
    return time
      .trim()
      .split(/[:-]/)
      .reduce((total, part) => total * 60 + Number(part), 0)
  } catch {
    return Number.NaN
  }
}

/** The resident memory of a process in bytes; NaN where it is not to be had. */
export function residentBytes(pid: number): number {
  try {
    if (onLinux) {
      const status = fs.readFileSync(`/proc/${pid}/status`, 'latin1')
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
    }
    const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'latin1' })
    return Number(kilobytes) * 1024
  } catch {
    return Number.NaN
  }
}

/** The fields of a section of INFO. */
export async function info(server: RunningServer, section: string): Promise<Map<string, string>> {
  const client = await WireClient.connect(server.port)
  const body = parseReply(await client.call('INFO', section)).body
  client.close()
  if (body === undefined) throw new Error(`${server.name} has no INFO ${section}`)
  return new Map(
    latin1(body)
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon), line.slice(colon + 1)]
      }),
  )
}

/** `used_memory`, read until it has stopped changing (Redis may still be rehashing), or 5 s. */
export async function settledMemory(server: RunningServer): Promise<number> {
  let before = -1
  for (let attempt = 0; attempt < 10; attempt++) {
    const used = Number((await info(server, 'memory')).get('used_memory'))
    if (Math.abs(used - before) < 65536) return used
    before = used
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  return before
}

export async function command(server: RunningServer, ...words: string[]): Promise<void> {
  const client = await WireClient.connect(server.port)
  await client.call(...words)
  client.close()
}
