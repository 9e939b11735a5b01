/**
 * Several clients in step, at random: the same requests go to both servers in the same order, on as
 * many connections, and every byte that each of the clients receives is compared, also what it has
 * not asked for. Now and then so is what the servers know of the clients, and the data.
 *
 * After each step a fence makes sure that both servers are done with it. The connections of both
 * have the same numbers, so that these need not be translated. Steps go in streams with fresh
 * connections, each with its own seed:
 *
 *   RANDOM_STEPS    how many steps in all, 2,000 unless told
 *   RANDOM_SECONDS  instead: for how long (`npm run test:random`)
 *   RANDOM_SEED     of the first stream; each further one has the next number
 *
 * A difference is told with the seed of its stream, so that RANDOM_SEED with RANDOM_STEPS=1 repeats
 * it, and with the steps before it.
 */
import { expect, test } from 'vitest'
import { differential } from './support/compare.ts'
import { CLIENTS, type RandomStep, RandomSteps } from './support/random-steps.ts'
import { latin1, replyEnd } from './support/reply.ts'
import { encodeCommand, WireClient } from './support/wire.ts'

const SECONDS = Number(process.env.RANDOM_SECONDS ?? 0)
const STEPS = SECONDS > 0 ? Number.POSITIVE_INFINITY : Number(process.env.RANDOM_STEPS ?? 2000)
const SEED = Number(process.env.RANDOM_SEED ?? (SECONDS > 0 ? Date.now() % 2 ** 31 : 1))
const STREAM_STEPS = 250
const STEPS_PER_CHECK = 10
const SHOWN_STEPS = 40
/** Turns after which what has been sent is there. */
const FENCE_ROUNDS = 2
/** A server that is slow for a moment is waited for, before its bytes count as different. */
const PATIENCE_MS = [1, 10, 100, 1000]
const FENCE = encodeCommand(['PING', 'fence'])

const BEGINNING: readonly string[][] = [
  ['CLIENT', 'UNPAUSE'],
  ['FLUSHALL'],
  ['CONFIG', 'SET', 'maxmemory', '0'],
  ['CONFIG', 'SET', 'notify-keyspace-events', ''],
  ['DEBUG', 'SET-ACTIVE-EXPIRE', '0'],
  ['ACL', 'SETUSER', 'limited', 'reset', 'on', '>x', '~a*', '~l*', '&ch*', '+@all'],
  ['CONFIG', 'RESETSTAT'],
  // Redstart forgets what was read when nobody tracks any more.
  ['CLIENT', 'TRACKING', 'ON'],
]

/** One server with its clients, the last of which is the control connection, and with a fence. */
class Side {
  readonly clients: WireClient[] = []
  readonly received: string[] = []
  private readonly port: number
  private fence: WireClient | undefined

  constructor(port: number) {
    this.port = port
  }

  async begin(): Promise<void> {
    this.fence = await WireClient.connect(this.port)
    await this.connect(CLIENTS, 2)
    await this.control.pipeline(BEGINNING)
  }

  get control(): WireClient {
    return this.clients[CLIENTS]
  }

  /** Connects for a client, perhaps anew. @returns the number of the connection */
  async connect(client: number, protocol: number): Promise<number> {
    this.clients[client]?.close()
    const connection = await WireClient.connect(this.port)
    this.clients[client] = connection
    this.received[client] = ''
    const id = latin1(await connection.call('CLIENT', 'ID'))
    await connection.call('HELLO', protocol)
    return Number(id.slice(1, -2))
  }

  async pass(): Promise<void> {
    for (let i = 0; i < FENCE_ROUNDS; i++) {
      await this.fence!.sendRaw(FENCE)
      await this.fence!.reply()
    }
    // What has come at the same time has been read by then.
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Adds to `received` what has come for each client. */
  async collect(): Promise<void> {
    for (const [i, client] of this.clients.entries()) {
      this.received[i] += latin1(await client.readUntil(() => true))
    }
  }

  /** What a client has received so far, as far as it can be compared. */
  view(client: number): string {
    const end = this.clients[client].closed ? ' and the end' : ''
    return withoutChance(this.received[client]) + end
  }

  close(): void {
    for (const client of this.clients) client.close()
    this.fence?.close()
  }
}

const UNSUBSCRIBED = /(?:[*>]3\r\n\$1[123]\r\n[ps]?unsubscribe\r\n\$\d+\r\n[^\r]*\r\n:\d+\r\n){2,}/g
const PATTERN_MESSAGES = /(?:[*>]4\r\n\$8\r\npmessage\r\n(?:\$\d+\r\n[^\r]*\r\n){3}){2,}/g
const INVALIDATION =
  '(?:>2\r\n\\$(?:10|21)|\\*3\r\n\\$7\r\nmessage\r\n\\$20)\r\n' +
  '(?:(?:__redis__:)?invalidate|tracking-redir-broken)\r\n'
const NAMES = '(?::\\d+\r\n|\\*\\d+\r\n(?:\\$\\d+\r\n[^\r]*\r\n)+|\\$-1\r\n|_\r\n)'
const INVALIDATION_BEGIN = new RegExp(`(?=${INVALIDATION})`)
const INVALIDATIONS = new RegExp(`(?:${INVALIDATION}${NAMES}){2,}`, 'g')

/**
 * Without versions, times and addresses, and with what a hash table has in an order of its own
 * sorted: names that are all unsubscribed from at once, and patterns that fit one message. So is
 * what is invalidated at once for several clients who have named the same receiver: Redis leaves
 * the one who brought it about to the end, and with BCAST tells them in an order of its own.
 */
function withoutChance(received: string): string {
  return received
    .replace(/(\$7\r\nversion\r\n)\$\d+\r\n[^\r]*/g, '$1')
    .replace(/\+\d+\.\d+ \[\d+ \S+\] "PING" "fence"\r\n/g, '')
    .replace(/\+\d+\.\d+ \[(\d+) \S+\]/g, '+[$1]')
    .replace(/NOPERM [^\r]*/g, 'NOPERM') // 7.2 has other words for it.
    .replace(UNSUBSCRIBED, sortNames)
    .replace(INVALIDATIONS, (run) => run.split(INVALIDATION_BEGIN).sort().join(''))
    .replace(PATTERN_MESSAGES, sortPatterns)
}

function sortNames(run: string): string {
  const names = run.match(/\$\d+\r\n[^\r]*\r\n(?=:)/g)!.sort()
  return run.replace(/\$\d+\r\n[^\r]*\r\n(?=:)/g, () => names.shift()!)
}

/** Sorts messages, but only those that have the same channel and text. */
function sortPatterns(run: string): string {
  const messages = run.split(/(?=[*>]4\r\n)/)
  const text = (message: string): string => message.split('\r\n').slice(5).join()
  const sorted: string[] = []
  for (let i = 0; i < messages.length; ) {
    let end = i + 1
    while (end < messages.length && text(messages[end]) === text(messages[i])) end++
    sorted.push(...messages.slice(i, end).sort())
    i = end
  }
  return sorted.join('')
}

const MESSAGE = /^(?:>\d|\*[34])\r\n\$\d+\r\n(?:message|pmessage|smessage|invalidate|tracking)/

/**
 * Replies, and what was pushed between them. Since 7.2 Redis sends what a client brings about for
 * itself behind the reply to its command, and of that first what was invalidated. Redstart sends so
 * what a monitor does itself as well, which in Redis stands between the replies of its EXEC.
 */
function withPushesApart(received: string): Record<'replies' | 'messages' | 'changes', string> {
  const bytes = Buffer.from(received, 'latin1')
  const changes: string[] = []
  let messages = ''
  let replies = ''
  for (let at = 0; at < bytes.length; ) {
    const isPush = MESSAGE.test(received.slice(at, at + 40))
    // Replies are taken line by line: an array may have messages in the midst of it.
    const end = isPush ? replyEnd(bytes, at) : received.indexOf('\r\n', at) + 2
    const part = received.slice(at, end < 2 ? bytes.length : end)
    const isMonitored = part.startsWith('+[')
    if (!isPush && !isMonitored) replies += part
    else if (/invalidate|tracking-redir-broken/.test(part)) changes.push(part)
    else messages += part
    at += part.length
  }
  return { replies, messages, changes: changes.sort().join('') }
}

const FIELDS = ['id', 'name', 'db', 'sub', 'psub', 'ssub', 'multi', 'cmd', 'user', 'redir', 'resp']

/** What is known of the clients, one line each. */
function clientLines(list: string): string {
  const lines = list.match(/id=.*/g) ?? []
  return lines
    .map((line) => {
      const fields = FIELDS.map((name) => new RegExp(`\\b${name}=\\S*`).exec(line)?.[0] ?? '')
      // Since 7.2 RESET takes back NO-EVICT, too. Of a redirection that is broken Redis may tell
      // behind the EXEC that has ended the tracking.
      const flags = [
        .../flags=(\w*)/
          .exec(line)![1]
          .replace('e', '')
          .replace(/^([^t]*)R([^t]*)$/, '$1$2'),
      ]
        .sort()
        .join('')
      return `${fields.join(' ')} ${flags || 'N'}`
    })
    .sort()
    .join('\n')
}

const COUNTS = new RegExp(
  '^(?:tracking_clients|tracking_total_prefixes|blocked_clients|pubsub\\w*|expired_keys' +
    '|keyspace_(?:hits|misses)|total_error_replies|errorstat_\\w+|db\\d):.*?(?=,expires|\\r)',
  'gm',
)

const CHECKS: readonly (readonly [string, (reply: string) => string])[] = [
  ['CLIENT LIST', clientLines],
  ['INFO everything', (reply) => (reply.match(COUNTS) ?? []).sort().join('\n')],
  ['DEBUG DIGEST', (reply) => reply],
]

function show({ client, closes, requests }: RandomStep): string {
  const who = client === CLIENTS ? 'control' : `[${client}]`
  return closes
    ? `${who} hangs up`
    : `${who} ${requests.map((words) => words.join(' ')).join(' | ')}`
}

class Stream {
  private readonly seed: number
  private readonly sides: readonly Side[]
  private readonly steps: RandomSteps
  private readonly history: string[] = []

  constructor(seed: number, sides: readonly Side[]) {
    this.seed = seed
    this.sides = sides
    this.steps = new RandomSteps(seed)
  }

  async run(): Promise<void> {
    await this.alignNumbers()
    await Promise.all(this.sides.map((side) => side.begin()))
    for (let i = 0; i < CLIENTS; i++) await this.connect(i)
    for (let i = 1; i <= STREAM_STEPS; i++) {
      try {
        await this.take(this.steps.next())
        if (i % STEPS_PER_CHECK === 0) await this.check()
      } catch (error) {
        this.explain(error as Error)
      }
    }
  }

  /** Connections come and go at the side that has had fewer, until both have had as many. */
  private async alignNumbers(): Promise<void> {
    for (;;) {
      const numbers = await Promise.all(this.sides.map((side) => side.connect(0, 2)))
      const least = Math.min(...numbers)
      if (numbers.every((number) => number === least)) return
      for (const [i, side] of this.sides.entries()) {
        for (let n = numbers[i]; n < Math.max(...numbers); n++) await side.connect(0, 2)
      }
    }
  }

  private async connect(client: number): Promise<void> {
    const protocol = 2 + this.steps.below(2)
    const numbers = await Promise.all(this.sides.map((side) => side.connect(client, protocol)))
    expect(numbers[1]).toBe(numbers[0])
    this.steps.ids[client] = numbers[0]
  }

  private async take(step: RandomStep): Promise<void> {
    this.history.push(show(step))
    if (step.closes === true) {
      for (const side of this.sides) side.clients[step.client].close()
      await this.pass()
      return this.connect(step.client)
    }
    const bytes = Buffer.concat(step.requests.map(encodeCommand))
    await Promise.all(this.sides.map(({ clients }) => clients[step.client].sendRaw(bytes)))
    await this.pass()
    await this.compareReceived(step.client)
    for (let i = 0; i < CLIENTS; i++) {
      if (this.sides[0].clients[i].closed) await this.connect(i)
    }
  }

  private async pass(): Promise<void> {
    await Promise.all(this.sides.map((side) => side.pass()))
  }

  private async compareReceived(sender: number): Promise<void> {
    for (const patience of PATIENCE_MS) {
      await Promise.all(this.sides.map((side) => side.collect()))
      if (this.difference(sender) < 0) break
      await new Promise((resolve) => setTimeout(resolve, patience))
    }
    await Promise.all(this.sides.map((side) => side.collect()))
    const client = this.difference(sender)
    if (client >= 0) {
      const [theirs, ours] = this.sides.map((side) => JSON.stringify(side.view(client)))
      const from = `from redis-server ${theirs}\n  from redstart     ${ours}`
      throw new Error(`client ${client} received\n  ${from}`)
    }
    for (const side of this.sides) side.received.fill('')
  }

  /** A client that has not received the same from both; -1 for none. */
  private difference(sender: number): number {
    for (let i = 0; i <= CLIENTS; i++) {
      const [theirs, ours] = this.sides.map((side) => side.view(i))
      if (theirs === ours) continue
      const [a, b] = [theirs, ours].map(withPushesApart)
      // Who has done nothing has the same order from both.
      const isIdle = i !== sender && a.replies === ''
      if (isIdle || JSON.stringify(a) !== JSON.stringify(b)) return i
    }
    return -1
  }

  private async check(): Promise<void> {
    for (const [request, view] of CHECKS) {
      const words = request.split(' ')
      const [theirs, ours] = await Promise.all(
        this.sides.map(async ({ control }) => view(latin1(await control.call(...words)))),
      )
      if (theirs !== ours) throw new Error(`${request}:\n${theirs}\nfrom redstart:\n${ours}`)
    }
  }

  /** Says of what has gone wrong what went before. */
  private explain(error: Error): never {
    const before = this.history.slice(-SHOWN_STEPS).join('\n  ')
    expect.fail(
      `${error.message}\nclients ${this.steps.ids}, after\n  ${before}\n` +
        `again: RANDOM_SEED=${this.seed} RANDOM_STEPS=1`,
    )
  }
}

const flags = ['--enable-debug-command', 'yes']

differential('several clients in step', { flags }, ({ pair }) => {
  const amount = SECONDS > 0 ? `for ${SECONDS} s` : `${STEPS} steps`
  test(`receive the same, ${amount} from seed ${SEED}`, { timeout: 86_400_000 }, async () => {
    const { reference, redstart } = pair()
    const endMs = SECONDS > 0 ? performance.now() + SECONDS * 1000 : Number.POSITIVE_INFINITY
    let taken = 0
    for (let seed = SEED; taken < STEPS && performance.now() < endMs; seed++) {
      const sides = [new Side(reference.port), new Side(redstart.port)]
      try {
        await new Stream(seed, sides).run()
      } finally {
        for (const side of sides) side.close()
      }
      taken += STREAM_STEPS
    }
    if (SECONDS > 0) process.stdout.write(`${taken} steps of clients, seeds from ${SEED}\n`)
  })
})
