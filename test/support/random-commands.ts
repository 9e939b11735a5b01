/**
 * Random requests, drawn from the declarations of the commands: every argument tree is walked,
 * optional parts come or do not, tokens come in any case and order, and the values are those at
 * which programs break. About one request in eight is then spoiled: an argument is lost, doubled,
 * put in or replaced. The sequence follows from the seed alone.
 *
 * Two servers that get the same sequence have to answer the same, so nothing here depends on when
 * it is carried out: keys expire long after the end or have expired at once, and no two times
 * from now are so near each other that it would matter which command came first.
 */
import { COMMANDS } from '../../src/commands/all.ts'
import type { ArgSpec, CommandSpec } from '../../src/commands/command.ts'
import { Random } from '../../src/platform/random.ts'

export interface RandomCommand {
  /** As declared and in capitals: `CLIENT GETNAME`. */
  readonly name: string
  readonly args: readonly Buffer[]
}

const KEYS: readonly string[] = [
  ...['a', 'b', 'c', 'key', 'key:1', 'key:2', '1', '', 'k\0y', '\xff\xfe\x80', '{tag}x', '*'],
  ...['k'.repeat(200), 'long'.repeat(1200)],
]

const PATTERNS: readonly string[] = [
  ...['*', '?', 'k*', '*y*', '[a-c]', '[c-a]', '[^a]', 'key:[0-9]', '\\*', '', '[', 'k[', '[a'],
  ...['k?y', '**', '*:*', '\\', 'key\\', '{*}?', '[\\*]', '[^', '[]a]', '*\xfe*', 'k\0*', 'KEY*'],
]

const EDGES: readonly bigint[] = [0n, 2n ** 20n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n]

const INTEGERS: readonly string[] = [
  ...EDGES.flatMap((edge) => [edge - 1n, edge, edge + 1n, -edge - 1n, -edge, -edge + 1n]).map(
    String,
  ),
  ...['2', '3', '5', '10', '44', '100', '-2', '-3', '-10', '-100', '512', '4096', '5000'],
]

const TEXTS: readonly string[] = [
  ...['', ' ', 'a', 'ab', 'hello', 'Hello World', '\r\n', '\0', 'a\0b', '\xff\xfe', '"quoted"'],
  ...[
    '0',
    '-0',
    '00',
    '01',
    '+1',
    ' 1',
    '1 ',
    '1\0',
    '-',
    '0x10',
    'inf',
    '-inf',
    'nan',
    'Infinity',
  ],
  ...['1', '-1', '10', '9999', '10000', '123456789012345678', '9223372036854775806'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808'],
  ...['-9223372036854775809', '18446744073709551615', '18446744073709551616', '1'.repeat(40)],
  ...['x'.repeat(43), 'x'.repeat(44), 'x'.repeat(45), 'ab'.repeat(50), 'abcab'.repeat(20)],
  ...['lorem ipsum '.repeat(420), Buffer.from([...Array(256).keys()]).toString('latin1')],
]

const DOUBLES: readonly string[] = [
  ...['0', '-0', '1', '-1', '0.1', '-0.1', '3.14159', '5.0e3', '1e17', '1e-5', '1e-17', '1e-18'],
  ...[
    '123456789.123456789',
    '1.5',
    '.5',
    '5.',
    '+2',
    '1e300',
    '-1e300',
    '1e4931',
    '1e4940',
    '1e400',
  ],
  ...[
    'inf',
    '-inf',
    'nan',
    'abc',
    '',
    ' 1',
    '1 ',
    '0x1p3',
    '0x10',
    '1e',
    '1d5',
    '9007199254740993',
  ],
  ...['0.30000000000000004', '18446744073709551616', '1,5', '1\0'],
]

/** What spoils a request. Small positive numbers are missing: they could become short times. */
const JUNK: readonly string[] = [
  ...['', 'a', 'key', 'nosuch', '-1', '0', '1.5', '9223372036854775808', '\0', '\xff', ' ', '\r\n'],
  ...['NX', 'XX', 'GET', 'EX', 'KEEPTTL', 'GT', 'LT', 'MATCH', 'COUNT', 'REPLACE', 'DB', 'IDX'],
  ...['x'.repeat(150), '\u00e9t\u00e9', '%s%n', '*', '-9223372036854775808'],
]

/** Times from now, in the command's own unit; to the positive ones a random part is added. */
const DURATIONS: readonly bigint[] = [-(2n ** 63n), -(2n ** 53n), -(2n ** 31n), -1n, 0n]
const LONG_DURATIONS: readonly bigint[] = [0n, 0n, 0n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 62n]
const TOO_LONG: readonly bigint[] = [2n ** 63n - 1n, 2n ** 63n, 2n ** 64n]
/** So far apart that the time between two commands does not matter: 100 s, in ms. */
const DURATION_STEP = 100_000n

const PAST_TIMES: readonly bigint[] = [-(2n ** 63n), -(2n ** 31n), -1n, 0n, 1n, 1_000_000_000n]
/** In ms and in seconds alike these are long from now: the year 2100 in ms, and powers of two. */
const FUTURE_TIMES: readonly bigint[] = [4_102_444_800_000n, 2n ** 45n, 2n ** 53n - 1n, 2n ** 53n]

const DATABASES: readonly string[] = [
  ...['0', '1', '2', '0', '1', '2', '0', '1', '2', '15', '16', '-1', '2147483648', '4294967296'],
  ...['9223372036854775808', '01', 'x', ''],
]

/** Types of the integers of BITFIELD. */
const FIELD_TYPES: readonly string[] = [
  ...['u1', 'u2', 'u7', 'u8', 'u9', 'u31', 'u32', 'u33', 'u62', 'u63', 'u64', 'u0', 'U8', 'u'],
  ...['i1', 'i2', 'i7', 'i8', 'i9', 'i31', 'i32', 'i33', 'i63', 'i64', 'i65', 'i-1', 'i08', ''],
]

/** Names of arguments that are times from now, and of those that are numbers of databases. */
const DURATION_NAMES = new Set(['seconds', 'milliseconds'])
const DATABASE_NAMES = new Set(['destination-db', 'db', 'index', 'index1', 'index2'])

/** Of these one in so many is kept, lest there be nothing left to work on. */
const RARE = new Map([
  ['FLUSHALL', 20],
  ['FLUSHDB', 10],
  ['SWAPDB', 3],
  ['HELLO', 3],
  ['RESET', 4],
])

/** One request in so many is spoiled. */
const SPOILED_ONE_IN = 8

export interface RandomCommandOptions {
  readonly seed: number
  /** What is newer than this version is left out. */
  readonly version: string
  /** Names of commands, or of containers with all of their subcommands, that are left out. */
  readonly excluded: ReadonlySet<string>
}

interface Choice {
  readonly name: string
  readonly spec: CommandSpec
}

/** The commands, containers replaced by their subcommands, that were there in `version`. */
export function commandChoices(version: string, excluded: ReadonlySet<string>): Choice[] {
  const all = COMMANDS.flatMap((spec): Choice[] =>
    spec.subcommands === undefined
      ? [{ name: spec.name, spec }]
      : spec.subcommands.map((sub) => ({ name: `${spec.name} ${sub.name}`, spec: sub })),
  )
  return all.filter(
    ({ name, spec }) =>
      !excluded.has(name) && !excluded.has(name.split(' ', 1)[0]) && isKnown(spec.since, version),
  )
}

/** Whether what came with version `since` is in `version`. */
function isKnown(since: string | undefined, version: string): boolean {
  if (since === undefined) return true
  const [a, b] = [since, version].map((text) => text.split('.').map(Number))
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i] < b[i]
  return true
}

/** Whether the reply would be as long as a count says that is far below zero. */
export function isBoundless({ name, args }: RandomCommand): boolean {
  return name.includes('RAND') && args.some((arg) => /^-\d{5}/.test(arg.toString('latin1')))
}

export class RandomCommands {
  private readonly random: Random
  private readonly version: string
  private readonly choices: readonly Choice[]

  constructor({ seed, version, excluded }: RandomCommandOptions) {
    this.random = new Random(seed)
    this.version = version
    this.choices = commandChoices(version, excluded)
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return this.random.below(limit)
  }

  next(): RandomCommand {
    const { name, spec } = this.pickCommand()
    const words = [...name.split(' ').map((word) => this.inSomeCase(word)), ...this.arguments(spec)]
    if (this.below(SPOILED_ONE_IN) === 0) this.spoil(words)
    return { name, args: words.map((word) => Buffer.from(word, 'latin1')) }
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  private pickCommand(): Choice {
    for (;;) {
      const choice = this.pick(this.choices)
      if (this.below(RARE.get(choice.name) ?? 1) === 0) return choice
    }
  }

  private inSomeCase(word: string): string {
    switch (this.below(4)) {
      case 0:
        return word.toLowerCase()
      case 1:
        return [...word].map((c) => (this.below(2) ? c.toLowerCase() : c.toUpperCase())).join('')
      default:
        return word
    }
  }

  private arguments(spec: CommandSpec): string[] {
    const args = (spec.args ?? []).filter(({ since }) => isKnown(since, this.version))
    const required = args.filter((arg) => !arg.optional)
    const optional = args.filter((arg) => arg.optional)
    if (optional.length > 0 && this.below(3) === 0) optional.push(this.pick(optional))
    if (required.length > 0 && args.indexOf(required.at(-1) as ArgSpec) >= required.length) {
      return args.flatMap((arg) => this.words(arg))
    }
    if (this.below(2) === 0) optional.sort(() => this.below(3) - 1)
    return [...required, ...optional].flatMap((arg) => this.words(arg))
  }

  /** The words of one argument, none if it is optional and chance will have it so. */
  private words(arg: ArgSpec): string[] {
    if (!isKnown(arg.since, this.version)) return []
    if (arg.optional && this.below(5) < 3) return []
    const token = arg.token !== undefined && arg.type !== 'pure-token' ? [arg.token] : []
    const words: string[] = []
    const count = arg.multiple ? 1 + this.below(4) : 1
    for (let i = 0; i < count; i++) {
      if (i === 0 || arg.multipleToken) words.push(...token.map((each) => this.inSomeCase(each)))
      words.push(...this.value(arg))
    }
    return words
  }

  private value(arg: ArgSpec): string[] {
    const options = (arg.args ?? []).filter(({ since }) => isKnown(since, this.version))
    switch (arg.type) {
      case 'block':
        return options.flatMap((each) => this.words(each))
      case 'oneof':
        return options.length === 0 ? [] : this.words(this.pick(options))
      case 'pure-token':
        return [this.inSomeCase(arg.token ?? arg.name)]
      case 'key':
        return [this.pick(KEYS)]
      case 'pattern':
        return [this.pick(PATTERNS)]
      case 'double':
        return [this.below(3) === 0 ? this.float() : this.pick(DOUBLES)]
      case 'unix-time':
        return [this.unixTime()]
      case 'integer':
        if (DURATION_NAMES.has(arg.name)) return [this.duration()]
        return [DATABASE_NAMES.has(arg.name) ? this.pick(DATABASES) : this.integer()]
      default:
        return [arg.name === 'encoding' ? this.pick(FIELD_TYPES) : this.text()]
    }
  }

  private integer(): string {
    switch (this.below(4)) {
      case 0:
        return String(this.below(20) - 5)
      case 1:
        return String(this.random.int32())
      default:
        return this.pick(INTEGERS)
    }
  }

  private float(): string {
    const value = (this.random.fraction() - 0.5) * 10 ** (this.below(36) - 12)
    return this.below(3) === 0 ? String(value) : value.toFixed(this.below(15))
  }

  private text(): string {
    if (this.below(4) > 0) return this.pick(TEXTS)
    if (this.below(3) === 0) return this.integer()
    if (this.below(2) === 0) return this.float()
    const length = this.pick([0, 5, 20, 43, 44, 45, 100, 5000])
    const letters = this.pick([2, 4, 256])
    const bytes = Array.from({ length }, () => 97 + this.below(letters))
    return Buffer.from(bytes).toString('latin1')
  }

  private duration(): string {
    if (this.below(6) === 0) return String(this.pick(DURATIONS))
    if (this.below(10) === 0) return String(this.pick(TOO_LONG))
    const steps = BigInt(1 + this.below(1_000_000))
    return String(this.pick(LONG_DURATIONS) + steps * DURATION_STEP)
  }

  private unixTime(): string {
    if (this.below(4) === 0) return String(this.pick(PAST_TIMES))
    if (this.below(10) === 0) return String(this.pick(TOO_LONG))
    if (this.below(2) === 0) return String(this.pick(FUTURE_TIMES))
    return String(FUTURE_TIMES[0] + BigInt(this.below(2 ** 32)))
  }

  /** Loses, doubles, puts in or replaces a word, of which the first is the command's name. */
  private spoil(words: string[]): void {
    const at = 1 + this.below(words.length)
    switch (this.below(4)) {
      case 0:
        if (at < words.length) words.splice(at, 1)
        break
      case 1:
        if (at < words.length) words.splice(at, 0, words[at])
        break
      case 2:
        words.splice(at, 0, this.pick(JUNK))
        break
      default:
        words[Math.min(at, words.length - 1)] = this.pick(JUNK)
    }
    if (this.below(20) === 0) words[0] = this.pick(JUNK)
  }
}
