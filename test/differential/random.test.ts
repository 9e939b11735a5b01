/**
 * Random commands against a real redis-server and against Redstart, on one connection each: every
 * reply has to be the same, and so has all that is left in the databases at the end.
 *
 * Commands go in streams, each with its own seed, fresh connections and empty databases, under
 * RESP2 and RESP3 in turn, in pipelines of random length. What is compared less than byte for byte,
 * and why, is said in `LOOSE`; what is left out, in `EXCLUDED`. Some of the commands of a pipeline
 * are put into a transaction.
 *
 *   RANDOM_COMMANDS  how many commands, 20,000 unless told
 *   RANDOM_SECONDS   instead: for how long (`npm run test:random`)
 *   RANDOM_GROUPS    commands of these groups only: hash,generic
 *   RANDOM_SEED      of the first stream; each further one has the next number
 *
 * A difference is told with the seed of its stream, so that RANDOM_SEED with RANDOM_COMMANDS=1
 * repeats it, and with the commands before it.
 */
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/commands/all.ts'
import {
  commandChoices,
  isBoundless,
  type RandomCommand,
  RandomCommands,
} from '../support/random-commands.ts'
import { differential } from './support/compare.ts'
import { referenceVersion } from './support/reference.ts'
import { latin1, parseReply, sortReply } from './support/reply.ts'
import { WireClient } from './support/wire.ts'

const SECONDS = Number(process.env.RANDOM_SECONDS ?? 0)
const COMMAND_COUNT =
  SECONDS > 0 ? Number.POSITIVE_INFINITY : Number(process.env.RANDOM_COMMANDS ?? 20_000)
const SEED = Number(process.env.RANDOM_SEED ?? (SECONDS > 0 ? Date.now() % 2 ** 31 : 1))
const GROUPS = process.env.RANDOM_GROUPS?.split(',')
const STREAM_COMMANDS = 2000
const MAX_PIPELINE = 50
/** One pipeline in so many has a transaction. */
const TRANSACTION_ONE_IN = 4
const SHOWN_COMMANDS = 20
const DATABASES = 16
/** How far apart times may be: the servers do not run a command in the same millisecond. */
const TOLERANCE_MS = 5000n

/** Commands, and containers with their subcommands, that are not sent. */
const EXCLUDED = new Map([
  ['ACL', 'would change what all that follows may do'],
  ['COMMAND', 'describes the commands of each server, which are not the same'],
  ['CONFIG', 'the directives and their limits differ by version, and it would change the run'],
  ['INFO', 'tells about the server itself'],
  ['LOLWUT', 'draws a picture of its own'],
  ['SHUTDOWN', 'ends the server'],
  ['DEBUG', 'would halt the server, and tells about its inside'],
  ['PFSELFTEST', 'takes a third of a second, and tells nothing'],
  ...['BLMOVE', 'BLMPOP', 'BLPOP', 'BRPOP', 'BRPOPLPUSH'].map(
    (name) => [name, 'waits, and what comes behind it with it'] as const,
  ),
  ['MIGRATE', 'waits for another server'],
  ['QUIT', 'ends the connection'],
  ...['SAVE', 'BGSAVE', 'LASTSAVE', 'BGREWRITEAOF'].map(
    (name) => [name, 'goes on beside the commands that follow'] as const,
  ),
  ...['', 'P', 'S'].flatMap((kind) =>
    [`${kind}SUBSCRIBE`, `${kind}UNSUBSCRIBE`].map(
      (name) => [name, 'has a message for each name, and refuses what follows'] as const,
    ),
  ),
  ['MULTI', 'comes with its EXEC, around commands of all kinds'],
  ['EXEC', 'comes with its MULTI'],
  ['SPOP', 'takes out what chance has it'],
  ['MONITOR', 'tells about what follows'],
  ['SLOWLOG', 'depends on the time that commands take'],
  ['COMMANDLOG', 'depends on the time that commands take'],
  ['LATENCY', 'depends on the time that commands take'],
  ['CLIENT TRACKING', 'has messages between the replies'],
  ['MEMORY DOCTOR', 'tells about the server itself'],
  ['MEMORY MALLOC-STATS', 'tells about the server itself'],
  ['MEMORY STATS', 'tells about the server itself'],
  ['DBSIZE', 'counts keys that have expired, which RANDOMKEY and SCAN remove as chance has it'],
  ['CLIENT ID', 'differs'],
  ['CLIENT INFO', 'tells about connection and server'],
  ['CLIENT LIST', 'tells about connections and server'],
  ['CLIENT KILL', 'ends connections'],
  ['CLIENT PAUSE', 'halts connections'],
  ['CLIENT REPLY', 'takes replies away'],
])

/** Whether Redis 7.0 and 7.2 answer a request differently. */
function dependsOnVersion({ name, args }: RandomCommand): boolean {
  // 7.2 looks at a connection's name up to its first NUL only.
  if (name === 'CLIENT SETNAME' || name === 'HELLO') {
    if (args.some((arg) => arg.includes(0))) return true
  }
  // 7.2 refuses the lowest RANK, whose opposite is beyond 64 bits.
  if (name === 'LPOS') return args.some((arg) => latin1(arg) === '-9223372036854775808')
  // 7.2 has WITHSCORE.
  if (/^Z(REV)?RANK$/.test(name)) return args.length > 3
  // 7.2 reads all options of HELLO before it follows the first.
  return name === 'HELLO' && args.length > 4
}

/**
 * Whether the command stores what SORT gives: among equal elements Redis leaves their order open, and
 * after a number that was out of range it refuses to sort anything by numbers.
 */
function storesSorted({ name, args }: RandomCommand): boolean {
  return name === 'SORT' && args.some((arg) => latin1(arg).toLowerCase() === 'store')
}

type Comparison = (theirs: Uint8Array, ours: Uint8Array, command: RandomCommand) => boolean

/** Compares what `view` leaves of the replies. */
function by(view: (reply: Uint8Array) => string): Comparison {
  return (theirs, ours) => view(theirs) === view(ours)
}

const isError = (reply: Uint8Array): boolean => reply[0] === 0x2d

/** The kind of reply, and the text of an error, but not the value. */
const shape = by((reply) => {
  const { type, body } = parseReply(reply)
  if (type === '-') return latin1(reply)
  return body === undefined && '$_'.includes(type) ? 'nil' : type
})

/** The same keys in any order, where both began and ended the iteration in this call. */
const scanned: Comparison = (theirs, ours, { args }) => {
  if (isError(theirs) || isError(ours)) return false
  const pages = [theirs, ours].map((reply) => parseReply(reply).elements)
  if (latin1(args[1]) !== '0') return true
  if (pages.some(([cursor]) => latin1(cursor.raw) !== '$1\r\n0\r\n')) return true
  const [a, b] = pages.map(([, keys]) => sortReply(keys.raw, 'elements'))
  return Buffer.compare(a, b) === 0
}

/** The same for the elements of a key. */
const elementsScanned: Comparison = (theirs, ours, { name, args }) =>
  scanned(theirs, ours, { name, args: args.slice(1) })

/** The order of what is large is each server's own. */
const elements = by((reply) => latin1(sortReply(reply, 'elements')))
const pairs = by((reply) => latin1(sortReply(reply, 'pairs')))

/**
 * The same elements, if what they are sorted by tells them apart; else, where only some of them are
 * asked for, as many. After a number that is too large for a double Redis takes good ones for bad.
 */
const sortedAlike: Comparison = (theirs, ours, command) => {
  const words = command.args.map((arg) => latin1(arg).toLowerCase())
  if (latin1(theirs).startsWith("-ERR One or more scores can't")) return true
  if (!words.includes('by') && !words.includes('alpha')) return false
  return (words.includes('limit') ? size : elements)(theirs, ours, command)
}

/** How many elements there are, and the text of an error. */
const size = by((reply) => (isError(reply) ? latin1(reply) : parseReply(reply).head))

/** Line by line, with numbers that have a fraction or an exponent by their value. */
function numbersRead(reply: Uint8Array): string {
  const lines = latin1(reply).split('\r\n')
  // Redis 7.0 prints 17 digits where 7.2 prints what is enough.
  return lines
    .map((line) => {
      if (/^\$\d+$/.test(line)) return '$'
      const [, comma, number] = /^(,?)(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(line) ?? []
      return number === undefined ? line : `${comma}${Number(number)}`
    })
    .join('\n')
}

/** The same scores. */
const scores = by(numbersRead)

/** Without the server's version and the connection's number. */
const withoutIdentity = by((reply) =>
  latin1(reply)
    .replace(/(\$7\r\nversion\r\n)\$\d+\r\n[^\r]*/, '$1')
    .replace(/(\$2\r\nid\r\n):\d+/, '$1'),
)

/** The iteration of a sorted set, compared only where it began and ended in this call. */
const scoresScanned: Comparison = (theirs, ours, { args }) => {
  if (isError(theirs) || isError(ours)) return false
  const replies = [theirs, ours]
  if (latin1(args[2]) !== '0') return true
  const pages = replies.map((reply) => parseReply(reply).elements)
  if (pages.some(([cursor]) => latin1(cursor.raw) !== '$1\r\n0\r\n')) return true
  const [a, b] = pages.map(([, members]) => numbersRead(sortReply(members.raw, 'pairs')))
  return a === b
}

/** Commands that answer scores. */
const SCORED = [
  ...['ZADD', 'ZINCRBY', 'ZSCORE', 'ZMSCORE', 'ZRANGE', 'ZREVRANGE', 'ZRANGEBYSCORE'],
  ...['ZREVRANGEBYSCORE', 'ZPOPMIN', 'ZPOPMAX', 'ZMPOP', 'ZUNION', 'ZINTER', 'ZDIFF'],
]

const LOOSE = new Map<string, Comparison>([
  ['KEYS', by((reply) => latin1(sortReply(reply, 'elements')))],
  ['SCAN', scanned],
  ['RANDOMKEY', shape],
  ['TIME', shape],
  // Each version has a form of its own.
  ['DUMP', shape],
  // Redis also tells the size of a key that has expired, as long as nobody noticed.
  ['MEMORY USAGE', by((reply) => (isError(reply) ? latin1(reply) : ''))],
  ['OBJECT IDLETIME', shape],
  // Small integers are shared in Redis, but for copies of them.
  ['OBJECT REFCOUNT', shape],
  ['HELLO', withoutIdentity],
  ['SDIFF', elements],
  ['SINTER', elements],
  ['SMEMBERS', elements],
  ['SUNION', elements],
  ['SSCAN', elementsScanned],
  ['SORT', sortedAlike],
  ['SORT_RO', sortedAlike],
  [
    'SRANDMEMBER',
    (theirs, ours, command) => (command.args.length > 2 ? size : shape)(theirs, ours, command),
  ],
  // Sets and lists of Redis 7.0 are never packed, and its SORT unpacks the sorted sets that it reads.
  [
    'OBJECT ENCODING',
    by((reply) =>
      latin1(reply).replace(/^\$\d\r\n(hashtable|quicklist|skiplist)/, '$8\r\nlistpack'),
    ),
  ],
  ...SCORED.map((name): [string, Comparison] => [name, scores]),
  ['ZSCAN', scoresScanned],
  [
    'ZRANDMEMBER',
    (theirs, ours, command) => (command.args.length > 2 ? size : shape)(theirs, ours, command),
  ],
  ['HGETALL', pairs],
  ['HKEYS', elements],
  ['HVALS', elements],
  ['HSCAN', elementsScanned],
  [
    'HRANDFIELD',
    (theirs, ours, command) => (command.args.length > 2 ? size : shape)(theirs, ours, command),
  ],
])

/** How many of its units a time that is told by the command is in TOLERANCE_MS. */
const TIMES = new Map([
  ['TTL', TOLERANCE_MS / 1000n],
  ['PTTL', TOLERANCE_MS],
  ['EXPIRETIME', TOLERANCE_MS / 1000n],
  ['PEXPIRETIME', TOLERANCE_MS],
])

function areEqual(theirs: Uint8Array, ours: Uint8Array, command: RandomCommand): boolean {
  if (Buffer.compare(theirs, ours) === 0) return true
  const comparison = LOOSE.get(command.name)
  if (comparison !== undefined) return comparison(theirs, ours, command)
  const tolerance = TIMES.get(command.name)
  if (tolerance === undefined || theirs[0] !== 0x3a || ours[0] !== 0x3a) return false
  const [a, b] = [theirs, ours].map((reply) => BigInt(parseReply(reply).head))
  return a >= 0n && b >= 0n && a - b <= tolerance && b - a <= tolerance
}

/** Whether the replies to an EXEC are alike, each for the command that was queued. */
function areAllEqual(
  theirs: Uint8Array,
  ours: Uint8Array,
  queued: readonly RandomCommand[],
): boolean {
  if (Buffer.compare(theirs, ours) === 0) return true
  if (theirs[0] !== 0x2a || ours[0] !== 0x2a) return false
  const [a, b] = [theirs, ours].map((reply) => parseReply(reply).elements)
  if (a.length !== queued.length || b.length !== queued.length) return false
  return queued.every((command, i) => areEqual(a[i].raw, b[i].raw, command))
}

/** The same commands, some of those that lie together within a transaction. */
function withTransaction(
  commands: readonly RandomCommand[],
  source: RandomCommands,
): RandomCommand[] {
  const all = [...commands]
  if (source.below(TRANSACTION_ONE_IN) > 0) return all
  const begin = source.below(all.length + 1)
  const end = begin + source.below(all.length + 1 - begin)
  all.splice(end, 0, asCommand('EXEC'))
  all.splice(begin, 0, asCommand('MULTI'))
  return all
}

function show({ args }: RandomCommand): string {
  return args.map((arg) => shorten(JSON.stringify(latin1(arg)))).join(' ')
}

function shorten(text: string, limit = 300): string {
  return text.length > limit ? `${text.slice(0, limit)}… (${text.length})` : text
}

function asCommand(...words: string[]): RandomCommand {
  const name = words[0] === 'OBJECT' ? `${words[0]} ${words[1]}` : words[0]
  return { name, args: words.map((word) => Buffer.from(word, 'latin1')) }
}

/** One stream: a connection to each server. */
class Stream {
  private readonly seed: number
  private readonly clients: readonly WireClient[]
  private readonly history: RandomCommand[] = []
  /** What has been queued since the last MULTI. */
  private queued: RandomCommand[] = []

  private constructor(seed: number, clients: readonly WireClient[]) {
    this.seed = seed
    this.clients = clients
  }

  static async open(seed: number, ports: readonly number[]): Promise<Stream> {
    const clients = await Promise.all(ports.map((port) => WireClient.connect(port)))
    const stream = new Stream(seed, clients)
    const first = [asCommand('FLUSHALL'), asCommand('DEBUG', 'SET-ACTIVE-EXPIRE', '0')]
    await stream.compare([...first, asCommand('HELLO', String(2 + (seed % 2)))])
    return stream
  }

  /** Sends commands to both and compares the replies. */
  async compare(commands: readonly RandomCommand[]): Promise<Uint8Array[]> {
    const requests = commands.map(({ args }) => args)
    const [theirs, ours] = await Promise.all(
      this.clients.map((client) => client.pipeline(requests).catch((error: Error) => error)),
    )
    for (const result of [theirs, ours]) {
      if (result instanceof Error) this.fail(`${result.message}\n${commands.map(show).join('\n')}`)
    }
    const [expected, actual] = [theirs as Uint8Array[], ours as Uint8Array[]]
    for (const [i, command] of commands.entries()) {
      if (!this.isAlike(expected[i], actual[i], command)) {
        const replies = [expected[i], actual[i]].map((reply) =>
          shorten(JSON.stringify(latin1(reply))),
        )
        this.fail(`${show(command)}\nreference: ${replies[0]}\nredstart:  ${replies[1]}`)
      }
      this.history.push(command)
    }
    return expected
  }

  private isAlike(theirs: Uint8Array, ours: Uint8Array, command: RandomCommand): boolean {
    if (command.name === 'EXEC') return areAllEqual(theirs, ours, this.queued)
    if (command.name === 'MULTI') this.queued = []
    if (latin1(theirs) !== '+QUEUED\r\n') return areEqual(theirs, ours, command)
    this.queued.push(command)
    return Buffer.compare(theirs, ours) === 0
  }

  /** Everything that is in the databases. */
  async compareContent(): Promise<void> {
    for (let db = 0; db < DATABASES; db++) {
      const [, keys] = await this.compare([asCommand('SELECT', String(db)), asCommand('KEYS', '*')])
      for (const { body } of parseReply(keys).elements) {
        const key = latin1(body ?? Buffer.alloc(0))
        const ask = [['TYPE'], ['GET'], ['STRLEN'], ['PTTL'], ['OBJECT', 'ENCODING']]
        const [type] = await this.compare(ask.map((words) => asCommand(...words, key)))
        // Digests hold scores as texts, which are not the same in Redis 7.0.
        const content =
          latin1(type) === '+zset\r\n'
            ? asCommand('ZRANGE', key, '0', '-1', 'WITHSCORES')
            : asCommand('DEBUG', 'DIGEST-VALUE', key)
        await this.compare([content])
      }
    }
  }

  private fail(what: string): never {
    const before = this.history.slice(-SHOWN_COMMANDS).map((command) => `  ${show(command)}`)
    expect.fail(
      `seed ${this.seed}, after ${this.history.length} commands:\n${what}\n` +
        `before it:\n${before.join('\n')}\n` +
        `again: RANDOM_SEED=${this.seed} RANDOM_COMMANDS=1`,
    )
  }

  close(): void {
    for (const client of this.clients) client.close()
  }
}

test('what is left out is there', () => {
  const known = new Set(commandChoices('99.0.0', new Set()).map(({ name }) => name))
  const names = [...EXCLUDED.keys(), ...LOOSE.keys(), ...TIMES.keys()]
  const containers = new Set([...known].map((name) => name.split(' ', 1)[0]))
  expect(names.filter((name) => !known.has(name) && !containers.has(name))).toEqual([])
})

// Strings end at 1 MB, so that to reach beyond the end costs little.
const flags = ['--enable-debug-command', 'yes', '--proto-max-bulk-len', '1mb']

differential('random commands', { flags }, ({ pair }) => {
  const amount = SECONDS > 0 ? `for ${SECONDS} s` : `${COMMAND_COUNT} commands`
  test(`are answered alike, ${amount} from seed ${SEED}`, { timeout: 86_400_000 }, async () => {
    const { reference, redstart } = pair()
    const version = referenceVersion ?? '7.0.15'
    const excluded = new Set(EXCLUDED.keys())
    for (const { name, group, flags, subcommands } of COMMANDS) {
      // Nobody would end the waiting.
      if (flags.includes('blocking')) excluded.add(name)
      // Is said in other words.
      for (const sub of subcommands ?? []) {
        if (sub.name === 'HELP') excluded.add(`${name} HELP`)
      }
      if (GROUPS !== undefined && !GROUPS.includes(group)) excluded.add(name)
    }
    const endMs = performance.now() + SECONDS * 1000
    let sent = 0
    for (let seed = SEED; SECONDS > 0 ? performance.now() < endMs : sent < COMMAND_COUNT; seed++) {
      const source = new RandomCommands({ seed, version, excluded })
      const stream = await Stream.open(seed, [reference.port, redstart.port])
      for (let i = 0; i < STREAM_COMMANDS; ) {
        const length = Math.min(1 + source.below(MAX_PIPELINE), STREAM_COMMANDS - i)
        const commands = Array.from({ length }, () => source.next())
        const comparable = commands.filter(
          (command) =>
            !dependsOnVersion(command) && !isBoundless(command) && !storesSorted(command),
        )
        await stream.compare(withTransaction(comparable, source))
        i += length
      }
      await stream.compareContent()
      stream.close()
      sent += STREAM_COMMANDS
    }
    if (SECONDS > 0) process.stdout.write(`${sent} random commands, seeds from ${SEED}\n`)
  })
})
