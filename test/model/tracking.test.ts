/**
 * Client-side caching: clients with every kind of tracking read, write and keep what they have
 * read until they are told that it is no longer so. Whatever happens meanwhile (time passes, keys
 * are evicted, databases are emptied and swapped, the table of keys is cut short, clients come and
 * go), a client that has read all its messages holds nothing but what the server holds.
 *
 * What a client receives is worked through in the order in which it was sent, so that a message
 * which comes before the reply that it should follow shows as a stale value.
 *
 * A failure names its seed; TRACKING_SEED repeats it.
 */
import { expect, test } from 'vitest'
import { ManualClock } from '../../src/platform/clock.ts'
import { Random } from '../../src/platform/random.ts'
import type { Server } from '../../src/server/server.ts'
import {
  type CallArgument,
  checkServer,
  encodeRequest,
  InProcessClient,
  testServer,
  type Value,
} from '../support/in-process-client.ts'

const SEEDS = process.env.TRACKING_SEED ? [Number(process.env.TRACKING_SEED)] : range(1, 6)
const STEPS = 700
const CLIENTS = 6
const KEYS = ['a', 'a:1', 'a:2', 'b', 'b:1', 'ab', '', 'x'.repeat(40_000)]
const DATABASES = 3
const PREFIXES = ['a', 'b:', 'x']

type Random32 = Random

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function pick<Item>(random: Random32, items: readonly Item[]): Item {
  return items[random.below(items.length)]!
}

function isInvalidation(value: Value): value is Value[] {
  if (!Array.isArray(value)) return false
  if (value.length === 2 && value[0] === 'invalidate') return true
  return value.length === 3 && value[1] === '__redis__:invalidate'
}

/** A reply as text, the same with both protocols. */
function textOf(value: Value | undefined): string {
  return JSON.stringify(value instanceof Map ? [...value].flat() : value)
}

/** Something read: in which database, the command, and what was answered. */
interface Cached {
  readonly db: number
  readonly key: string
  readonly request: readonly string[]
  readonly reply: string
}

/** A client with a cache, and the connection that its messages come on. */
class CachingClient {
  readonly client: InProcessClient
  /** Another connection, if the messages are redirected. */
  readonly receiver: InProcessClient | null
  readonly prefixes: string[]
  readonly mode: string
  readonly isNoLoop: boolean
  cache = new Map<string, Cached>()
  db = 0
  isWaiting = false

  constructor(server: Server, random: Random32) {
    this.client = new InProcessClient(server)
    this.mode = pick(random, ['', '', 'OPTIN', 'OPTOUT', 'BCAST', 'BCAST PREFIX'])
    this.isNoLoop = random.below(3) === 0
    this.prefixes = this.mode === 'BCAST PREFIX' ? PREFIXES : ['']
    const way = random.below(3)
    if (way !== 1) this.client.call('HELLO', 3)
    this.receiver = way === 0 ? null : new InProcessClient(server)
    if (way === 1) this.receiver!.call('HELLO', 3)
    else this.receiver?.call('SUBSCRIBE', '__redis__:invalidate')
    this.enable()
  }

  enable(): void {
    const words = ['CLIENT', 'TRACKING', 'ON', ...this.mode.split(' ')].filter((w) => w !== '')
    if (words.at(-1) === 'PREFIX') {
      words.pop()
      for (const prefix of PREFIXES) words.push('PREFIX', prefix)
    }
    if (this.isNoLoop) words.push('NOLOOP')
    if (this.receiver !== null) words.push('REDIRECT', String(this.receiver.session.id))
    expect(this.client.value(...words)).toBe('OK')
  }

  /** Reads what has come, with the reply of a request at its place; keeps what that reply says. */
  read(mayKeep: (reply: Value) => Cached | null = () => null): void {
    for (const value of this.client.takeValues()) {
      if (isInvalidation(value)) this.drop(value)
      else this.keep(mayKeep(value))
    }
    for (const value of this.receiver?.takeValues() ?? []) {
      if (isInvalidation(value)) this.drop(value)
    }
  }

  private keep(cached: Cached | null): void {
    if (cached === null) return
    if (!this.prefixes.some((prefix) => cached.key.startsWith(prefix))) return
    this.cache.set(`${cached.db} ${cached.request.join(' ')}`, cached)
  }

  private drop(message: Value[]): void {
    const keys = message.at(-1) as string[] | null
    if (keys === null) this.cache.clear()
    else for (const key of keys) this.forget(key)
  }

  forget(changed: string): void {
    for (const [name, { key }] of this.cache) if (key === changed) this.cache.delete(name)
  }

  send(...words: readonly CallArgument[]): void {
    this.client.send(encodeRequest(words))
  }

  close(): void {
    this.client.close()
    this.receiver?.close()
  }
}

function readRequest(random: Random32, key: string): string[] {
  return pick(random, [
    ['GET', key],
    ['TYPE', key],
    ['LRANGE', key, '0', '-1'],
    ['HGETALL', key],
    ['STRLEN', key],
    ['EXISTS', key],
  ])
}

/** A request that changes keys, which are named behind it. */
function writeRequest(random: Random32): { request: CallArgument[]; keys: string[] } {
  const key = pick(random, KEYS)
  const other = pick(random, KEYS)
  const value = `v${random.below(1000)}`
  const requests: CallArgument[][] = [
    ['SET', key, value],
    ['SET', key, value, 'PX', 1 + random.below(20)],
    ['APPEND', key, value],
    ['DEL', key],
    ['DEL', key],
    ['RPUSH', key, value],
    ['LPOP', key],
    ['HSET', key, 'f', value],
    ['HPEXPIRE', key, 1 + random.below(20), 'FIELDS', 1, 'f'],
    ['PEXPIRE', key, random.below(20) - 2],
    ['PERSIST', key],
    ['MOVE', key, random.below(DATABASES)],
  ]
  const pairs: CallArgument[][] = [
    ['MSET', key, value, other, value],
    ['RENAME', key, other],
    ['COPY', key, other, 'REPLACE'],
    ['LMOVE', key, other, 'LEFT', 'RIGHT'],
    ['SORT', key, 'BY', 'nosort', 'STORE', other],
  ]
  if (random.below(3) > 0) return { request: pick(random, requests), keys: [key] }
  return { request: pick(random, pairs), keys: [key, other] }
}

class Model {
  readonly random: Random32
  readonly clock = new ManualClock()
  readonly server = testServer({ clock: this.clock, debugArena: false })
  readonly clients: CachingClient[] = []
  readonly plain = new InProcessClient(this.server)

  constructor(seed: number) {
    this.random = new Random(seed)
    for (let i = 0; i < CLIENTS; i++) this.clients.push(new CachingClient(this.server, this.random))
  }

  step(): void {
    const { random } = this
    const client = pick(random, this.clients)
    const choice = random.below(100)
    if (client.isWaiting) this.release(client)
    else if (choice < 45) this.readOne(client)
    else if (choice < 65) this.write(client)
    else if (choice < 72) this.transaction(client)
    else if (choice < 75) this.wait(client)
    else if (choice < 78) this.select(client)
    else this.disturb(choice)
  }

  private readOne(client: CachingClient): void {
    const { random } = this
    const key = pick(random, KEYS)
    const request = readRequest(random, key)
    const says = random.below(2) === 0
    if (client.mode === 'OPTIN' && says) client.client.send('CLIENT CACHING YES\r\n')
    if (client.mode === 'OPTOUT' && says) client.client.send('CLIENT CACHING NO\r\n')
    client.read()
    const mayCache = client.mode === 'OPTIN' ? says : client.mode === 'OPTOUT' ? !says : true
    const { db } = client
    client.send(...request)
    client.read((reply) => (mayCache ? { db, key, request, reply: textOf(reply) } : null))
  }

  private write(client: CachingClient): void {
    const { keys, request } = writeRequest(this.random)
    client.send(...request)
    // What it has changed itself, a client with NOLOOP forgets by itself.
    if (client.isNoLoop) for (const key of keys) client.forget(key)
    client.read()
  }

  private transaction(client: CachingClient): void {
    client.send('MULTI')
    const reads: Cached[] = []
    const changed = new Set<string>()
    for (let i = 0; i < 4; i++) {
      if (this.random.below(2) === 0) {
        const key = pick(this.random, KEYS)
        const request = readRequest(this.random, key)
        client.send(...request)
        reads.push({ db: client.db, key, request, reply: String(i) })
      } else {
        const { keys, request } = writeRequest(this.random)
        client.send(...request)
        for (const key of keys) changed.add(key)
      }
    }
    client.read()
    client.send('EXEC')
    if (client.isNoLoop) for (const key of changed) client.forget(key)
    client.read((reply) => {
      // Only what nothing in the transaction has changed afterwards may be kept: the last read.
      const last = reads.at(-1)
      if (!Array.isArray(reply) || last === undefined || changed.has(last.key)) return null
      if (client.mode === 'OPTIN') return null
      return { ...last, reply: textOf(reply[Number(last.reply)]) }
    })
  }

  private wait(client: CachingClient): void {
    client.send('BLMOVE', pick(this.random, KEYS), pick(this.random, KEYS), 'LEFT', 'LEFT', 0)
    client.isWaiting = client.client.session.wait !== null
    if (client.isNoLoop) client.cache.clear()
    client.read()
  }

  private release(client: CachingClient): void {
    if (client.client.session.wait !== null) {
      this.plain.call('CLIENT', 'UNBLOCK', client.client.session.id)
    }
    client.isWaiting = false
    if (client.isNoLoop) client.cache.clear()
    client.read()
  }

  private select(client: CachingClient): void {
    client.db = this.random.below(DATABASES)
    client.send('SELECT', client.db)
    client.read()
  }

  /** What comes from elsewhere. */
  private disturb(choice: number): void {
    const { clients, plain, random, server } = this
    if (choice < 84) {
      plain.call('SELECT', random.below(DATABASES))
      plain.call(...writeRequest(random).request)
    } else if (choice < 90) {
      this.clock.advance(random.below(10))
      server.keyspace.tick()
      if (random.below(2) === 0) server.activeExpiry.run()
    } else if (choice < 91) plain.call(pick(random, ['FLUSHALL', 'FLUSHDB']))
    else if (choice < 93) plain.call('SWAPDB', random.below(DATABASES), random.below(DATABASES))
    else if (choice < 95) plain.call('CONFIG', 'SET', 'tracking-table-max-keys', random.below(6))
    else if (choice < 98) {
      plain.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random')
      const limit = server.usedMemoryBytes - random.below(500)
      plain.call('CONFIG', 'SET', 'maxmemory', Math.max(1, limit))
      plain.call('PING')
      plain.call('CONFIG', 'SET', 'maxmemory', 0)
    } else {
      const i = random.below(clients.length)
      clients[i]!.close()
      clients[i] = new CachingClient(server, random)
    }
  }

  /** Compares what the clients hold with what the server holds. */
  verify(): void {
    const { clients, plain } = this
    const fresh = (cached: Cached): Value => {
      plain.call('SELECT', cached.db)
      return plain.value(...cached.request)
    }
    // Reading removes what has expired, of which the clients are then told.
    for (const { cache } of clients) for (const cached of cache.values()) fresh(cached)
    for (const client of clients) client.read()
    for (const client of clients) {
      for (const cached of client.cache.values()) {
        const now = textOf(fresh(cached))
        const { isNoLoop, mode } = client
        const what = `${cached.request.join(' ').slice(0, 40)} ${mode} noloop=${isNoLoop}`
        expect(cached.reply, what).toBe(now)
      }
    }
  }
}

test.each(SEEDS)('no client holds what is no longer so (seed %i)', (seed) => {
  const model = new Model(seed)
  let held = 0
  for (let i = 0; i < STEPS; i++) {
    model.step()
    model.verify()
    for (const { cache } of model.clients) held += cache.size
  }
  // The test means something only if something was held.
  expect(held).toBeGreaterThan(STEPS)
  for (const client of model.clients) client.close()
  expect(model.server.tracking).toMatchObject({ isActive: false, clientCount: 0 })
  checkServer(model.server)
})
