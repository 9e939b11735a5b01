/**
 * One client of the crash tests. It does steps, numbered from 1, each a write that its number
 * alone decides, on keys that are its own (and on one list that all share); it notes which steps
 * have been answered, and when. After a crash what the server holds must be what the first n
 * steps make, for some n.
 */
import net from 'node:net'
import { COMMANDS } from '../../../src/commands/all.ts'
import { parseReply, type Reply, replyEnd } from '../../differential/support/reply.ts'
import { encodeCommand } from '../../differential/support/wire.ts'
import { testsRedis } from './crash-server.ts'

export const SHARED_LIST = 'all'

/** Until there are transactions, one command on two keys stands in for them. */
const hasTransactions = testsRedis || COMMANDS.some(({ name }) => name === 'MULTI')

type Request = (string | number)[]
/** Key to content: a string, the elements of a list, or fields and values of a hash in order. */
export type Content = Map<string, string | string[]>

/** What asks a server: a connection, or a client in the same process. */
export interface Caller {
  call(...request: Request): Promise<Uint8Array>
}

/** Kinds of steps take turns; a transaction is one step. */
const STEP_KINDS = 6
const LONG_VALUE_EVERY = 97
const LONG_VALUE_BYTES = 30_000

function valueAt(step: number): string {
  const bytes = step % LONG_VALUE_EVERY === 0 ? LONG_VALUE_BYTES : (step * 7919) % 200
  return `${step}:${'v'.repeat(bytes)}`
}

/** What a step is made of: the requests; their number is that of the replies. */
export function requestsOf(client: number, step: number): Request[] {
  const key = (name: string) => `${client}:${name}`
  switch (step % STEP_KINDS) {
    case 0:
      return [['SET', key('string'), valueAt(step)]]
    case 1:
      return [['RPUSH', key('list'), step]]
    case 2:
      return [['INCR', key('counter')]]
    case 3:
      if (!hasTransactions) {
        const count = (step + STEP_KINDS - 3) / STEP_KINDS
        return [['MSET', key('first'), step, key('transactions'), count]]
      }
      return [
        ['MULTI'],
        ['SET', key('first'), step],
        ['RPUSH', SHARED_LIST, `${client}:${step}`],
        ['INCR', key('transactions')],
        ['EXEC'],
      ]
    case 4:
      return [['HSET', key('hash'), `field${step % 50}`, step, 'last', step]]
    default:
      return [['APPEND', key('bytes'), `${step},`]]
  }
}

/** What the steps from 1 to `last` of one client leave. */
function contentAfter(client: number, last: number): Content {
  const content: Content = new Map()
  const list: string[] = []
  const hash = new Map<string, string>()
  let [counter, transactions, first, bytes, newest] = [0, 0, 0, '', 0]
  for (let step = 1; step <= last; step++) {
    const kind = step % STEP_KINDS
    if (kind === 0) newest = step
    else if (kind === 1) list.push(`${step}`)
    else if (kind === 2) counter++
    else if (kind === 3) {
      first = step
      transactions++
    } else if (kind === 4) hash.set(`field${step % 50}`, `${step}`).set('last', `${step}`)
    else bytes += `${step},`
  }
  const put = (name: string, value: string | string[], isThere: boolean) => {
    if (isThere) content.set(`${client}:${name}`, value)
  }
  put('string', valueAt(newest), newest > 0)
  put('list', list, list.length > 0)
  put('counter', `${counter}`, counter > 0)
  put('first', `${first}`, first > 0)
  put('transactions', `${transactions}`, transactions > 0)
  put('hash', [...hash].sort(([a], [b]) => (a < b ? -1 : 1)).flat(), hash.size > 0)
  put('bytes', bytes, bytes !== '')
  return content
}

/** What a server holds of one client; also its part of the shared list, under `shared`. */
export async function loadedContent(wire: Caller, client: number): Promise<Content> {
  const content: Content = new Map()
  for (const name of ['string', 'counter', 'first', 'transactions', 'bytes']) {
    const { body } = parseReply(await wire.call('GET', `${client}:${name}`))
    if (body !== undefined) content.set(`${client}:${name}`, textOf(body))
  }
  const list = elementsOf(parseReply(await wire.call('LRANGE', `${client}:list`, 0, -1)))
  if (list.length > 0) content.set(`${client}:list`, list)
  const hash = elementsOf(parseReply(await wire.call('HGETALL', `${client}:hash`)))
  const pairs = hash.flatMap((field, i) => (i % 2 === 0 ? [[field, hash[i + 1]]] : []))
  if (pairs.length > 0) {
    content.set(`${client}:hash`, pairs.sort(([a], [b]) => (a < b ? -1 : 1)).flat())
  }
  return content
}

/** The steps whose transactions are in the shared list, by client. */
export async function loadedTransactions(wire: Caller): Promise<Map<number, number[]>> {
  const steps = new Map<number, number[]>()
  for (const element of elementsOf(parseReply(await wire.call('LRANGE', SHARED_LIST, 0, -1)))) {
    const [client, step] = element.split(':').map(Number)
    const known = steps.get(client)
    if (known === undefined) steps.set(client, [step])
    else known.push(step)
  }
  return steps
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const elementsOf = (reply: Reply) => reply.elements.map(({ body }) => textOf(body!))

/**
 * How many steps the content shows. Throws, with the first difference, when it is not what the
 * steps up to some number make.
 */
export function prefixOf(client: number, loaded: Content, transactions: number[]): number {
  const last = newestStep(client, loaded)
  const expected = contentAfter(client, last)
  for (const key of new Set([...loaded.keys(), ...expected.keys()])) {
    const [found, wanted] = [loaded.get(key), expected.get(key)]
    if (`${found}` !== `${wanted}`) {
      throw new Error(`${key} after ${last} steps: ${difference(found, wanted)}`)
    }
  }
  const wanted: number[] = []
  for (let step = 3; hasTransactions && step <= last; step += STEP_KINDS) wanted.push(step)
  if (`${transactions}` !== `${wanted}`) {
    throw new Error(`transactions of ${client}: ${difference(`${transactions}`, `${wanted}`)}`)
  }
  return last
}

/**
 * The greatest step that has left a mark. A counter says how many steps of its kind were done,
 * and with that which was the last.
 */
function newestStep(client: number, loaded: Content): number {
  const get = (name: string) => loaded.get(`${client}:${name}`)
  const text = (name: string) => (get(name) as string | undefined) ?? ''
  const elements = (name: string) => (get(name) as string[] | undefined) ?? []
  const hash = elements('hash')
  const count = Number(text('counter'))
  return Math.max(
    Number(text('string').split(':')[0]),
    Number(elements('list').at(-1) ?? 0),
    count === 0 ? 0 : 2 + (count - 1) * STEP_KINDS,
    Number(text('first')),
    Number(hash[hash.indexOf('last') + 1] ?? 0),
    Number(text('bytes').split(',').at(-2) ?? 0),
  )
}

function difference(found: unknown, wanted: unknown): string {
  const [a, b] = [`${found}`, `${wanted}`]
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  const around = (text: string) => text.slice(Math.max(0, i - 40), i + 40)
  return `${a.length} bytes where ${b.length} were wanted, from ${i}: ${around(a)} / ${around(b)}`
}

/** Steps up to `step` had been answered at `timeMs`. */
interface Acknowledgement {
  readonly step: number
  readonly timeMs: number
}

export class Writer {
  readonly client: number
  /** The last step that was sent, and the last one that was answered. */
  sent: number
  acknowledged: number
  /** Error replies, which end the writer. */
  refusal = ''
  private readonly pipelined: number
  private readonly answers: Acknowledgement[] = []
  private socket: net.Socket | null = null
  private unread: Uint8Array = new Uint8Array(0)
  private repliesOfStep = 0

  /**
   * @param done steps that the server has done already
   * @param pipelined steps sent at once
   */
  constructor(client: number, done: number, pipelined: number) {
    this.client = client
    this.sent = done
    this.acknowledged = done
    this.pipelined = pipelined
  }

  /** Writes until the connection ends or the server refuses. */
  run(port: number): Promise<void> {
    return new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1')
      this.socket = socket
      socket.setNoDelay(true)
      socket.once('connect', () => this.sendMore())
      socket.on('data', (bytes: Uint8Array) => this.receive(bytes))
      socket.on('error', () => undefined)
      socket.once('close', () => resolve())
    })
  }

  stop(): void {
    this.socket?.destroy()
  }

  /** The last step that had been answered at a time (of performance.now()). */
  acknowledgedAt(timeMs: number): number {
    return this.answers.findLast((answer) => answer.timeMs <= timeMs)?.step ?? 0
  }

  private sendMore(): void {
    const requests: Uint8Array[] = []
    for (let i = 0; i < this.pipelined; i++) {
      for (const request of requestsOf(this.client, ++this.sent)) {
        requests.push(encodeCommand(request))
      }
    }
    this.socket!.write(Buffer.concat(requests))
  }

  private receive(bytes: Uint8Array): void {
    const all = this.unread.length === 0 ? bytes : Buffer.concat([this.unread, bytes])
    let at = 0
    for (let end = 0; at < all.length && (end = replyEnd(all, at)) > 0; at = end) {
      if (all[at] === 0x2d) return this.refuse(textOf(all.subarray(at, end)).trim())
      const isTransaction = hasTransactions && (this.acknowledged + 1) % STEP_KINDS === 3
      if (++this.repliesOfStep === (isTransaction ? 5 : 1)) {
        this.repliesOfStep = 0
        this.acknowledged++
      }
    }
    this.unread = all.subarray(at)
    this.answers.push({ step: this.acknowledged, timeMs: performance.now() })
    if (this.acknowledged === this.sent) this.sendMore()
  }

  private refuse(error: string): void {
    this.refusal = error
    this.stop()
  }
}
