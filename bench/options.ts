/**
 * The flags of `npm run bench -- …`:
 *
 *   --only set,get     of set, get, incr, mset, memory, stall, collections,
 *                      collection-stall, log, load, snapshot, multi, publish, evict,
 *                      track, acl, notify, idle, startup (all); durability stands for log, load and
 *                      snapshot, services for multi to notify
 *   --pipeline 1,16    depths (1,16,100)
 *   --size 16,512      bytes of a value (16,512)
 *   --rounds 3         rounds of each case; medians are reported
 *   --requests N       requests a run, in place of a number that suits the depth
 *   --keys 1,5         millions of keys of the memory cases; the last one is the stall case's
 *   --seconds 10       how long a server is probed in the stall case
 *   --json out.json    writes all numbers to a file as well
 *   --quick            a tenth of everything and one round: shows that it works, measures little
 */
import { parseArgs } from 'node:util'

export const TOPICS = [
  'set',
  'get',
  'incr',
  'mset',
  'memory',
  'stall',
  'collections',
  'collection-stall',
  'log',
  'load',
  'snapshot',
  'multi',
  'publish',
  'evict',
  'track',
  'acl',
  'notify',
  'idle',
  'startup',
] as const
export type Topic = (typeof TOPICS)[number]

/** Words that stand for several topics. */
const GROUPS: ReadonlyMap<string, readonly Topic[]> = new Map([
  ['durability', ['log', 'load', 'snapshot']],
  ['services', ['multi', 'publish', 'evict', 'track', 'acl', 'notify']],
])

export interface BenchOptions {
  only: readonly Topic[]
  pipelines: readonly number[]
  sizesBytes: readonly number[]
  rounds: number
  /** What part of its work each case does. */
  scale: number
  /** Requests of one run at a depth and a value's size. */
  requests(pipeline: number, sizeBytes: number, command: Topic): number
  keyCounts: readonly number[]
  /** Keys of the load and snapshot cases. */
  durableKeys: number
  probeSeconds: number
  starts: number
  json: string | undefined
}

/** Exits with a message when a flag is not understood. */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: TOPICS.join(',') },
      pipeline: { type: 'string', default: '1,16,100' },
      size: { type: 'string', default: '16,512' },
      rounds: { type: 'string' },
      requests: { type: 'string' },
      keys: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const scale = values.quick ? 0.1 : 1
  const only = values.only.split(',').flatMap((word) => {
    const topics = GROUPS.get(word) ?? TOPICS.filter((known) => known === word)
    const known = [...TOPICS, ...GROUPS.keys()].join(', ')
    if (topics.length === 0) throw new Error(`--only takes ${known}, not ${word}`)
    return topics
  })
  const fixed = values.requests === undefined ? undefined : positive('requests', values.requests)
  return {
    only,
    scale,
    pipelines: values.pipeline.split(',').map((word) => positive('pipeline', word)),
    sizesBytes: values.size.split(',').map((word) => positive('size', word)),
    rounds:
      values.rounds === undefined ? (values.quick ? 1 : 3) : positive('rounds', values.rounds),
    requests: (pipeline, sizeBytes, command) =>
      fixed ?? Math.round(suitable(pipeline, sizeBytes, command) * scale),
    keyCounts: (values.keys ?? '1,5')
      .split(',')
      .map((word) => Math.round(positive('keys', word) * 1_000_000 * scale)),
    durableKeys: Math.round(1_000_000 * scale),
    probeSeconds: values.seconds === undefined ? 10 * scale : positive('seconds', values.seconds),
    starts: values.quick ? 3 : 10,
    json: values.json,
  }
}

/** About two seconds of work: the operating system counts CPU time in ticks of 10 ms. */
function suitable(pipeline: number, sizeBytes: number, command: Topic): number {
  if (pipeline < 4) return 250_000
  if (command === 'mset') return sizeBytes > 64 ? 200_000 : 400_000
  return sizeBytes > 64 ? 1_000_000 : 2_000_000
}

function positive(flag: string, word: string): number {
  const value = Number(word)
  if (!(value > 0)) throw new Error(`--${flag}: ${word} is not a number above 0`)
  return value
}
