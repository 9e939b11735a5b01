/** The flags of `redstart benchmark report`. */
import nodePath from 'node:path'
import { parseArgs } from 'node:util'
import type { ReportPlan, ServerProgram } from './matrix.ts'
import { DEFAULT_COMMANDS, POLICIES, type Policy, REPORT_COMMANDS } from './matrix.ts'

export const REPORT_USAGE = `Usage: redstart benchmark report [OPTIONS]

Measures Redstart, and other servers beside it, over a matrix of commands, fsync policies, pipeline
depths and numbers of clients. All servers take turns in every case, and rounds go through the whole
matrix, so that a machine that slows down slows down all alike. Every result is on disk at once; out
come results.json, results.csv, summary.md, charts as SVG and report.html with all of it.

 --peer <program>   A server to measure beside Redstart, as a path or NAME=PATH; as often as needed
 --commands <list>  Default ${DEFAULT_COMMANDS.join(',')}; also
                    ${REPORT_COMMANDS.filter((name) => !DEFAULT_COMMANDS.includes(name)).join(',')}
 --policies <list>  Default none,everysec,always; also no (none: without a log)
 --pipeline <list>  Default 1,16
 --clients <list>   Default 1,50,200
 --rounds <n>       Default 3
 --seconds <n>      Measured of each case and round (default 2)
 --warmup <n>       Seconds before it that do not count (default 0.5)
 --keys <n>         Keys, members and scores are drawn from so many (default 100000)
 -d <bytes>         Size of values (default 16)
 --seed <n>         Default 1
 --out <folder>     Default redstart-benchmark-<date and time>
 --resume <folder>  Goes on with an interrupted run, as it was begun; of a complete one the report
                    is written anew
 --help             This
`

export type ParsedReport =
  | { kind: 'begin'; folder: string; plan: ReportPlan }
  | { kind: 'resume'; folder: string }
  | { kind: 'help' }
  | { kind: 'invalid'; text: string }

/** What is wrong with a flag; its message is for the user. */
class FlagError extends Error {}

/**
 * @param redstart the command of this very Redstart
 * @param now names the folder if `--out` does not
 */
export function parseReportOptions(
  words: string[],
  redstart: readonly string[],
  now: Date,
): ParsedReport {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        peer: { type: 'string', multiple: true, default: [] },
        commands: { type: 'string', default: DEFAULT_COMMANDS.join(',') },
        policies: { type: 'string', default: 'none,everysec,always' },
        pipeline: { type: 'string', default: '1,16' },
        clients: { type: 'string', default: '1,50,200' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '2' },
        warmup: { type: 'string', default: '0.5' },
        keys: { type: 'string', default: '100000' },
        size: { type: 'string', short: 'd', default: '16' },
        seed: { type: 'string', default: '1' },
        out: { type: 'string' },
        resume: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return { kind: 'help' }
    if (values.resume !== undefined) return { kind: 'resume', folder: values.resume }
    const plan: ReportPlan = {
      servers: servers(redstart, values.peer),
      commands: choice('commands', values.commands.toLowerCase(), REPORT_COMMANDS),
      policies: choice('policies', values.policies, POLICIES) as Policy[],
      pipelines: integers('pipeline', values.pipeline),
      clients: integers('clients', values.clients),
      rounds: integers('rounds', values.rounds)[0]!,
      durationMs: positive('seconds', values.seconds) * 1000,
      warmupMs: positive('warmup', values.warmup) * 1000,
      keyCount: integers('keys', values.keys)[0]!,
      valueBytes: integers('d', values.size)[0]!,
      seed: Number(values.seed) >>> 0,
    }
    return { kind: 'begin', folder: values.out ?? folderName(now), plan }
  } catch (error) {
    // parseArgs throws TypeErrors with messages for the user too.
    if (error instanceof FlagError || error instanceof TypeError) {
      return { kind: 'invalid', text: error.message }
    }
    throw error
  }
}

function servers(redstart: readonly string[], peers: readonly string[]): ServerProgram[] {
  const all = [{ name: 'redstart', command: [...redstart] }]
  for (const peer of peers) {
    const equals = peer.indexOf('=')
    const path = peer.slice(equals + 1)
    const name = equals > 0 ? peer.slice(0, equals) : nodePath.basename(path)
    if (path === '') throw new FlagError(`--peer ${peer}: a program, or NAME=PATH`)
    if (all.some((other) => other.name === name)) {
      throw new FlagError(`--peer ${peer}: there is a ${name} already; name it NAME=PATH`)
    }
    all.push({ name, command: [path] })
  }
  return all
}

function choice(flag: string, text: string, known: readonly string[]): string[] {
  const chosen = text.split(',')
  const unknown = chosen.find((word) => !known.includes(word))
  if (unknown === undefined) return chosen
  throw new FlagError(`--${flag}: ${unknown} is none of ${known.join(', ')}`)
}

function positive(flag: string, text: string): number {
  const value = Number(text)
  if (value > 0 && value < 1e9) return value
  throw new FlagError(`--${flag}: ${text} is not a number above 0`)
}

function integers(flag: string, text: string): number[] {
  const values = text.split(',').map((word) => positive(flag, word))
  if (values.every(Number.isInteger)) return values.sort((a, b) => a - b)
  throw new FlagError(`--${flag}: ${text} are not whole numbers`)
}

function folderName(now: Date): string {
  const digits = now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')
  return `redstart-benchmark-${digits}`
}
