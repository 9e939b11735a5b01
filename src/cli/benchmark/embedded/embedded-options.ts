/** The flags of `redstart benchmark embedded`. */
import { parseArgs } from 'node:util'
import { type Mode, OPERATIONS, type OperationName } from './contender.ts'

export const EMBEDDED_USAGE = `Usage: redstart benchmark embedded [OPTIONS]

Measures Redstart as a library beside Map, lru-cache, keyv, lmdb and better-sqlite3, each doing the
same work, in memory and on disk, in one thread and in several. What is not installed is left out.

 --operations <list>  Of ${OPERATIONS.join(',')} (all)
 --modes <list>       memory,disk (both)
 --threads <list>     1 is the thread of the program, more are worker threads (default 1,4)
 --keys <n>           Keys that are drawn from (default 100000)
 -d <bytes>           Size of values (default 16)
 --rounds <n>         All take turns so often; shown is the round of each whose throughput is in
                      the middle (default 1)
 --seconds <n>        Measured of each operation and round (default 1)
 --warmup <n>         Seconds before the first round that do not count (default 0.2)
 --seed <n>           Default 1
 --modules <folder>   Where the others are installed besides this folder's node_modules; those of
                      bench/embedded in Redstart's own repository are found by themselves
 --json <file>        Writes all figures to a file as well
 --help               This
`

export interface EmbeddedOptions {
  operations: OperationName[]
  modes: Mode[]
  threads: number[]
  keyCount: number
  valueBytes: number
  rounds: number
  durationMs: number
  warmupMs: number
  seed: number
  modules: string | undefined
  json: string | undefined
}

/** @returns the options, null for `--help`; throws a TypeError with a message for the user */
export function parseEmbeddedOptions(words: string[]): EmbeddedOptions | null {
  const { values } = parseArgs({
    args: words,
    options: {
      operations: { type: 'string', default: OPERATIONS.join(',') },
      modes: { type: 'string', default: 'memory,disk' },
      threads: { type: 'string', default: '1,4' },
      keys: { type: 'string', default: '100000' },
      size: { type: 'string', short: 'd', default: '16' },
      rounds: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '1' },
      warmup: { type: 'string', default: '0.2' },
      seed: { type: 'string', default: '1' },
      modules: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  return {
    operations: choice('operations', values.operations, OPERATIONS),
    modes: choice('modes', values.modes, ['memory', 'disk'] as const),
    threads: values.threads.split(',').map((word) => whole('threads', word)),
    keyCount: whole('keys', values.keys),
    valueBytes: whole('d', values.size),
    rounds: whole('rounds', values.rounds),
    durationMs: positive('seconds', values.seconds) * 1000,
    warmupMs: positive('warmup', values.warmup) * 1000,
    seed: Number(values.seed) >>> 0,
    modules: values.modules,
    json: values.json,
  }
}

function choice<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  return text.split(',').map((word) => {
    const found = known.find((each) => each === word)
    if (found !== undefined) return found
    throw new TypeError(`--${flag}: ${word} is none of ${known.join(', ')}`)
  })
}

function positive(flag: string, text: string): number {
  const value = Number(text)
  if (value > 0 && value < 1e9) return value
  throw new TypeError(`--${flag}: ${text} is not a number above 0`)
}

function whole(flag: string, text: string): number {
  const value = positive(flag, text)
  if (Number.isInteger(value)) return value
  throw new TypeError(`--${flag}: ${text} is not a whole number`)
}
