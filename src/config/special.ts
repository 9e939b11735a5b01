/**
 * The directives with a syntax of their own: lists of save points, buffer limits, addresses and
 * the like. Each parses the arguments of one line, knows what repeating the line means, and prints
 * and rewrites its value as Redis 7.2 does.
 */
import nodePath from 'node:path'
import { quoted } from '../bytes/quote.ts'
import { fromLatin1 } from '../bytes/text.ts'
import { decoded, encoded } from './byte-string.ts'
import {
  Directive,
  type DirectiveOptions,
  type ParseContext,
  Refused,
  type RewriteLine,
} from './directive.ts'
import {
  memoryInUnits,
  parseDouble,
  parseLenientInteger,
  parseMemory,
  trimmedDouble,
} from './number-syntax.ts'
import { codeMessage } from './system-error.ts'

const WRONG_NUMBER = 'wrong number of arguments'

function isSingleEmpty(args: readonly string[]): boolean {
  return args.length === 1 && args[0] === ''
}

/** A snapshot is due after so many seconds with at least so many changes. */
export interface SavePoint {
  readonly seconds: number
  readonly changes: number
}

const DEFAULT_SAVE_POINTS: readonly SavePoint[] = [
  { seconds: 3600, changes: 1 },
  { seconds: 300, changes: 100 },
  { seconds: 60, changes: 10000 },
]

/** `save`: in a file the first line replaces the defaults, further ones add to it. */
export class SaveDirective extends Directive<readonly SavePoint[]> {
  readonly kind = 'save points'

  constructor(options: DirectiveOptions) {
    super(DEFAULT_SAVE_POINTS, { ...options, multiple: true, volatile: true })
  }

  parse(
    args: readonly string[],
    current: readonly SavePoint[],
    context: ParseContext,
  ): readonly SavePoint[] | Refused {
    if (isSingleEmpty(args)) return []
    const points = context.accumulate ? [...current] : []
    if (args.length % 2 !== 0) return new Refused('Invalid save parameters')
    for (let i = 0; i < args.length; i += 2) {
      const seconds = parseLenientInteger(args[i])
      const changes = parseLenientInteger(args[i + 1])
      if (seconds === null || seconds < 1n || changes === null || changes < 0n) {
        return new Refused('Invalid save parameters')
      }
      points.push({ seconds: Number(seconds), changes: Number(BigInt.asIntN(32, changes)) })
    }
    return points
  }

  print(stored: readonly SavePoint[]): string {
    return stored.map((point) => `${point.seconds} ${point.changes}`).join(' ')
  }

  expose(stored: readonly SavePoint[]): readonly SavePoint[] {
    return stored
  }

  /** Always written, one line a point, lest the defaults come back. */
  override rewrite(name: string, stored: readonly SavePoint[]): RewriteLine[] {
    if (stored.length === 0) return [{ line: `${name} ""`, force: true }]
    return stored.map(({ seconds, changes }) => ({
      line: `${name} ${seconds} ${changes}`,
      force: true,
    }))
  }
}

/** Above `hardBytes`, or above `softBytes` for `softSeconds`, a client is closed; 0 is no limit. */
export interface BufferLimit {
  readonly hardBytes: number
  readonly softBytes: number
  readonly softSeconds: number
}

export interface BufferLimits {
  readonly normal: BufferLimit
  readonly replica: BufferLimit
  readonly pubsub: BufferLimit
}

interface StoredLimit {
  readonly hard: bigint
  readonly soft: bigint
  readonly seconds: number
}

const MB = 1024n * 1024n

const DEFAULT_BUFFER_LIMITS: readonly StoredLimit[] = [
  { hard: 0n, soft: 0n, seconds: 0 },
  { hard: 256n * MB, soft: 64n * MB, seconds: 60 },
  { hard: 32n * MB, soft: 8n * MB, seconds: 60 },
]

const CLIENT_CLASSES = new Map<string, number>([
  ['normal', 0],
  ['slave', 1],
  ['replica', 1],
  ['pubsub', 2],
])

/** `client-output-buffer-limit`: only the classes that are named change. */
export class BufferLimitsDirective extends Directive<readonly StoredLimit[], BufferLimits> {
  readonly kind = 'buffer limits'

  constructor(options: DirectiveOptions) {
    super(DEFAULT_BUFFER_LIMITS, { ...options, multiple: true, volatile: true })
  }

  parse(
    args: readonly string[],
    current: readonly StoredLimit[],
  ): readonly StoredLimit[] | Refused {
    const limits = [...current]
    if (args.length % 4 !== 0) {
      return new Refused('Wrong number of arguments in buffer limit configuration.')
    }
    for (let i = 0; i < args.length; i += 4) {
      const index = CLIENT_CLASSES.get(args[i].toLowerCase())
      if (index === undefined) {
        return new Refused('Invalid client class specified in buffer limit configuration.')
      }
      const limit = parseLimit(args[i + 1], args[i + 2], args[i + 3])
      if (limit === null) {
        return new Refused(
          'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
        )
      }
      limits[index] = limit
    }
    return limits
  }

  print(stored: readonly StoredLimit[]): string {
    const names = ['normal', 'slave', 'pubsub']
    return stored
      .map((limit, i) => `${names[i]} ${limit.hard} ${limit.soft} ${limit.seconds}`)
      .join(' ')
  }

  expose(stored: readonly StoredLimit[]): BufferLimits {
    const [normal, replica, pubsub] = stored.map(({ hard, soft, seconds }) => ({
      hardBytes: Number(hard),
      softBytes: Number(soft),
      softSeconds: seconds,
    }))
    return { normal, replica, pubsub }
  }

  override rewrite(name: string, stored: readonly StoredLimit[]): RewriteLine[] {
    const names = ['normal', 'replica', 'pubsub']
    return stored.map(({ hard, soft, seconds }, i) => {
      const initial = this.initial[i]
      const force = hard !== initial.hard || soft !== initial.soft || seconds !== initial.seconds
      const line = `${name} ${names[i]} ${memoryInUnits(hard)} ${memoryInUnits(soft)} ${seconds}`
      return { line, force }
    })
  }
}

function parseLimit(hardText: string, softText: string, secondsText: string): StoredLimit | null {
  const hard = parseMemory(hardText)
  const soft = parseMemory(softText)
  const seconds = parseLenientInteger(secondsText)
  if (hard === null || soft === null || seconds === null) return null
  const shortSeconds = Number(BigInt.asIntN(32, seconds))
  return shortSeconds < 0 ? null : { hard, soft, seconds: shortSeconds }
}

/** `oom-score-adj-values`: the scores of a master, a replica and a background child. */
export class OomScoresDirective extends Directive<readonly number[]> {
  readonly kind = 'scores'

  constructor(options: DirectiveOptions) {
    super([0, 200, 800], { ...options, multiple: true })
  }

  parse(args: readonly string[]): readonly number[] | Refused {
    if (args.length !== 3) return new Refused(WRONG_NUMBER)
    const scores: number[] = []
    for (const argument of args) {
      const score = parseLenientInteger(argument)
      if (score === null || score < -2000n || score > 2000n) {
        return new Refused('Invalid oom-score-adj-values, elements must be between -2000 and 2000.')
      }
      scores.push(Number(score))
    }
    return scores
  }

  print(stored: readonly number[]): string {
    return stored.join(' ')
  }

  expose(stored: readonly number[]): readonly number[] {
    return stored
  }
}

/** The bits of `notify-keyspace-events`, with the letters that stand for them. */
export const NOTIFY = {
  keyspace: 1,
  keyevent: 2,
  generic: 4,
  string: 8,
  list: 16,
  set: 32,
  hash: 64,
  sortedSet: 128,
  expired: 256,
  evicted: 512,
  stream: 1024,
  keyMiss: 2048,
  module: 8192,
  newKey: 16384,
} as const

const NOTIFY_ALL = 1024 + 8192 + 4 + 8 + 16 + 32 + 64 + 128 + 256 + 512

const EVENT_LETTERS: readonly (readonly [letter: string, bit: number])[] = [
  ['g', NOTIFY.generic],
  ['$', NOTIFY.string],
  ['l', NOTIFY.list],
  ['s', NOTIFY.set],
  ['h', NOTIFY.hash],
  ['z', NOTIFY.sortedSet],
  ['x', NOTIFY.expired],
  ['e', NOTIFY.evicted],
  ['t', NOTIFY.stream],
  ['d', NOTIFY.module],
  ['n', NOTIFY.newKey],
]

const CHANNEL_LETTERS: readonly (readonly [letter: string, bit: number])[] = [
  ['K', NOTIFY.keyspace],
  ['E', NOTIFY.keyevent],
  ['m', NOTIFY.keyMiss],
]

const LETTER_BITS = new Map([...EVENT_LETTERS, ...CHANNEL_LETTERS, ['A', NOTIFY_ALL] as const])

/** `notify-keyspace-events`: letters, exposed as the sum of their NOTIFY bits. */
export class NotifyDirective extends Directive<number> {
  readonly kind = 'event classes'

  constructor(options: DirectiveOptions) {
    super(0, { ...options, volatile: true })
  }

  parse(args: readonly string[]): number | Refused {
    let bits = 0
    for (const letter of args[0]) {
      const bit = LETTER_BITS.get(letter)
      if (bit === undefined) {
        return new Refused("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
      }
      bits |= bit
    }
    return bits
  }

  print(stored: number): string {
    const letters = (table: typeof EVENT_LETTERS) =>
      table.map(([letter, bit]) => ((stored & bit) !== 0 ? letter : '')).join('')
    const events = (stored & NOTIFY_ALL) === NOTIFY_ALL ? 'A' : letters(EVENT_LETTERS)
    return events + letters(CHANNEL_LETTERS)
  }

  expose(stored: number): number {
    return stored
  }

  override rewrite(name: string, stored: number): RewriteLine[] {
    return [{ line: `${name} ${quoted(fromLatin1(this.print(stored)))}`, force: stored !== 0 }]
  }
}

const ADDRESSES_MAX = 16

/** `bind`: addresses to listen at, `*` for all, a leading `-` where failure is no error. */
export class BindDirective extends Directive<readonly string[]> {
  readonly kind = 'addresses'

  constructor(options: DirectiveOptions) {
    super(['*', '-::*'], { ...options, multiple: true, volatile: true })
  }

  parse(args: readonly string[]): readonly string[] | Refused {
    if (args.length > ADDRESSES_MAX) return new Refused('Too many bind addresses specified.')
    return isSingleEmpty(args) ? [] : [...args]
  }

  print(stored: readonly string[]): string {
    return stored.join(' ')
  }

  expose(stored: readonly string[]): readonly string[] {
    return stored
  }

  override rewrite(name: string, stored: readonly string[]): RewriteLine[] {
    if (this.print(stored) === this.print(this.initial)) return []
    return [{ line: `${name} ${stored.length === 0 ? '""' : stored.join(' ')}`, force: true }]
  }
}

export interface Master {
  readonly host: string
  readonly port: number
}

/** `replicaof`: the master to follow, null for none. */
export class ReplicaOfDirective extends Directive<Master | null> {
  readonly kind = 'master'

  constructor(options: DirectiveOptions) {
    super(null, { ...options, multiple: true, volatile: true })
  }

  parse(args: readonly string[]): Master | null | Refused {
    if (args.length !== 2) return new Refused(WRONG_NUMBER)
    if (args[0].toLowerCase() === 'no' && args[1].toLowerCase() === 'one') return null
    const port = parseLenientInteger(args[1])
    if (port === null || port < 0n || port > 65535n) return new Refused('Invalid master port')
    return { host: args[0], port: Number(port) }
  }

  print(stored: Master | null): string {
    return stored === null ? '' : `${stored.host} ${stored.port}`
  }

  expose(stored: Master | null): Master | null {
    return stored
  }

  override rewrite(name: string, stored: Master | null): RewriteLine[] {
    return stored === null ? [] : [{ line: `${name} ${this.print(stored)}`, force: true }]
  }
}

/** `latency-tracking-info-percentiles`: which percentiles INFO prints. */
export class PercentilesDirective extends Directive<readonly number[]> {
  readonly kind = 'percentiles'

  constructor(options: DirectiveOptions) {
    super([50, 99, 99.9], { ...options, multiple: true, volatile: true })
  }

  parse(args: readonly string[]): readonly number[] | Refused {
    const percentiles: number[] = []
    for (const argument of isSingleEmpty(args) ? [] : args) {
      const percentile = parseDouble(argument)
      if (percentile === null) {
        return new Refused('Invalid latency-tracking-info-percentiles parameters')
      }
      if (percentile > 100 || percentile < 0) {
        return new Refused(
          'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
        )
      }
      percentiles.push(percentile)
    }
    return percentiles
  }

  print(stored: readonly number[]): string {
    return stored.map(trimmedDouble).join(' ')
  }

  expose(stored: readonly number[]): readonly number[] {
    return stored
  }

  override rewrite(name: string, stored: readonly number[]): RewriteLine[] {
    return [{ line: `${name} ${this.print(stored) || '""'}`, force: true }]
  }
}

/**
 * `dir`: where relative file names start. It is kept as an absolute path; the process changes its
 * own directory only where the server asks for it. A relative value starts at the current one.
 */
export class DirectoryDirective extends Directive<string> {
  readonly kind = 'path'

  constructor(options: DirectiveOptions) {
    super('', { ...options, volatile: true })
  }

  parse(args: readonly string[], current: string, { files }: ParseContext): string | Refused {
    if (args[0] === '') return new Refused(codeMessage('ENOENT'))
    const directory = nodePath.resolve(decoded(current), decoded(args[0]))
    if (!files.exists(directory)) return new Refused(codeMessage('ENOENT'))
    if (!files.isDirectory(directory)) return new Refused(codeMessage('ENOTDIR'))
    return encoded(directory)
  }

  print(stored: string): string {
    return stored
  }

  expose(stored: string): string {
    return decoded(stored)
  }

  override rewrite(name: string, stored: string): RewriteLine[] {
    return [{ line: `${name} ${quoted(fromLatin1(stored))}`, force: true }]
  }
}
