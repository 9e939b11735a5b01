/**
 * Differential tests: the same script against a real redis-server and against Redstart, under
 * RESP2 and RESP3, with no expected values written down. The replies have to be equal to the byte.
 *
 * A test file opens one pair of servers and names its scripts:
 *
 *   import { describe, test } from 'vitest'
 *   import { differential } from './support/compare.ts'
 *
 *   differential('APPEND', ({ compare }) => {
 *     test('appends to what is there', () =>
 *       compare([
 *         'SET key a',                                    // a string is split at blanks
 *         ['APPEND', 'key', 'b c'],                       // an array is taken as it is
 *         ['SETRANGE', 'key', 1, Uint8Array.of(0, 255)],  // bytes and numbers as arguments
 *         { command: 'KEYS *', unordered: 'elements' },   // the order is left open
 *         { command: 'TIME', mask: (reply) => reply.replace(/\d+/g, 'N') },
 *         { client: 1, command: 'GET key' },              // another connection, in step
 *       ]))
 *   })
 *
 * Every script starts with empty databases, fresh statistics and fresh connections (connection n
 * is opened when a step names it; 0 is the default). Options of a step:
 *
 *   client      the connection's number
 *   unordered   'elements', 'pairs' or 'deep': compared as a multiset (see `sortReply`)
 *   mask        a function over the reply as a latin1 string, for times, ids and the like
 *   errorsOnly  both fail, with the same error, or neither does: other replies are not compared
 *   sendOnly    the reply is not waited for (a blocking command, or one without a reply)
 *   receive     instead of `command`: waits for one more reply or push on this connection
 *   ids         a word `$2` stands for what connection 2 answered to its last CLIENT ID
 *   protocol    2 or 3: the step is left out under the other one
 *
 * What TTL answers may differ by the seconds that the script has taken so far, rounded as TTL rounds
 * them: none, unless the machine has held one of the servers up for half a second.
 *
 * The servers take further flags: `differential('…', { flags: ['--requirepass', 'x'] }, body)`.
 * Where no redis-server is installed the tests are skipped.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { startRedstart } from './redstart.ts'
import { referenceVersion, startReference } from './reference.ts'
import { latin1, showReply, sortReply } from './reply.ts'
import type { RunningServer, StartOptions } from './server-process.ts'
import { type Argument, WireClient } from './wire.ts'

export type Command = string | readonly Argument[]

export interface Step {
  client?: number
  command?: Command
  unordered?: 'elements' | 'pairs' | 'deep'
  mask?: (reply: string) => string
  errorsOnly?: boolean
  sendOnly?: boolean
  receive?: boolean
  ids?: boolean
  protocol?: 2 | 3
}

export type Script = readonly (Command | Step)[]

export interface Pair {
  readonly reference: RunningServer
  readonly redstart: RunningServer
}

export interface Differential {
  /** Runs a script against both servers under both protocols, or under the one that is given. */
  compare(script: Script, protocols?: readonly (2 | 3)[]): Promise<void>
  /** The two servers, once the tests run. */
  pair(): Pair
}

/** A `describe` with a pair of servers of its own, shared by the tests in it. */
export function differential(name: string, body: (differential: Differential) => void): void
export function differential(
  name: string,
  options: StartOptions,
  body: (differential: Differential) => void,
): void
export function differential(
  name: string,
  optionsOrBody: StartOptions | ((differential: Differential) => void),
  maybeBody?: (differential: Differential) => void,
): void {
  const options = typeof optionsOrBody === 'function' ? {} : optionsOrBody
  const body = typeof optionsOrBody === 'function' ? optionsOrBody : maybeBody
  describe.skipIf(referenceVersion === undefined)(name, () => {
    let servers: Pair | undefined
    const pair = (): Pair => {
      if (servers === undefined) throw new Error('the servers are only there while tests run')
      return servers
    }
    beforeAll(async () => {
      const reference = await startReference(options)
      try {
        servers = { reference, redstart: await startRedstart(options) }
      } catch (error) {
        await reference.close()
        throw error
      }
    })
    afterAll(async () => {
      await Promise.all([servers?.reference.close(), servers?.redstart.close()])
    })
    body?.({
      pair,
      compare: async (script, protocols = [2, 3]) => {
        for (const protocol of protocols) await compareUnder(protocol, pair(), script)
      },
    })
  })
}

function toStep(item: Command | Step): Step {
  if (typeof item === 'string' || Array.isArray(item)) return { command: item as Command }
  return item as Step
}

function toArguments(command: Command): readonly Argument[] {
  return typeof command === 'string' ? command.split(/\s+/).filter((w) => w !== '') : command
}

/** One server's side of a script: its connections, opened as they are named. */
class Side {
  readonly server: RunningServer
  readonly #protocol: 2 | 3
  readonly #clients = new Map<number, WireClient>()
  readonly #ids = new Map<string, string>()

  constructor(server: RunningServer, protocol: 2 | 3) {
    this.server = server
    this.#protocol = protocol
  }

  async reset(): Promise<void> {
    const control = await WireClient.connect(this.server.port)
    await control.pipeline([['FLUSHALL'], ['CONFIG', 'RESETSTAT']])
    control.close()
  }

  async run(step: Step): Promise<Uint8Array | undefined> {
    const number = step.client ?? 0
    const client = await this.#client(number)
    const words = toArguments(step.command ?? [])
    if (!step.receive) await client.send(step.ids ? words.map((word) => this.#named(word)) : words)
    if (step.sendOnly) return undefined
    const reply = await client.reply()
    if (words.join(' ') === 'CLIENT ID') this.#ids.set(`$${number}`, latin1(reply).slice(1, -2))
    return reply
  }

  #named(word: Argument): Argument {
    return typeof word === 'string' ? (this.#ids.get(word) ?? word) : word
  }

  async #client(number: number): Promise<WireClient> {
    const open = this.#clients.get(number)
    if (open) return open
    const client = await WireClient.connect(this.server.port)
    this.#clients.set(number, client)
    if (this.#protocol === 3) await client.call('HELLO', '3')
    return client
  }

  close(): void {
    for (const client of this.#clients.values()) client.close()
  }
}

async function compareUnder(protocol: 2 | 3, pair: Pair, script: Script): Promise<void> {
  const sides = [new Side(pair.reference, protocol), new Side(pair.redstart, protocol)]
  const history: string[] = []
  try {
    for (const side of sides) await side.reset()
    const startMs = performance.now()
    for (const item of script) {
      const step = toStep(item)
      if (step.protocol !== undefined && step.protocol !== protocol) continue
      history.push(showStep(step))
      const [theirs, ours] = await Promise.all(
        sides.map((side) =>
          side.run(step).catch((error: Error) => {
            throw new Error(report(protocol, history, `${side.server.name}: ${error.message}`))
          }),
        ),
      )
      if (theirs === undefined || ours === undefined) continue
      if (comparable(theirs, step) === comparable(ours, step)) continue
      if (areTimesLeft(step, theirs, ours, performance.now() - startMs)) continue
      const difference = `reference: ${showBytes(theirs)}\nredstart:  ${showBytes(ours)}`
      expect.fail(report(protocol, history, difference))
    }
  } finally {
    for (const side of sides) side.close()
  }
}

function comparable(reply: Uint8Array, step: Step): string {
  if (step.errorsOnly && reply[0] !== 0x2d && reply[0] !== 0x21) return 'no error'
  const text = latin1(step.unordered ? sortReply(reply, step.unordered) : reply)
  return step.mask ? step.mask(text) : text
}

/** Whether these are seconds to live of one key, with no more between them than has passed. */
function areTimesLeft(step: Step, theirs: Uint8Array, ours: Uint8Array, passedMs: number): boolean {
  if (toArguments(step.command ?? [])[0] !== 'TTL') return false
  const [a, b] = [theirs, ours].map((reply) => Number(/^:(\d+)\r\n$/.exec(latin1(reply))?.[1]))
  return Math.abs(a - b) <= Math.floor((passedMs + 500) / 1000)
}

const SHOWN_BYTES = 3000

function showBytes(reply: Uint8Array): string {
  const raw = JSON.stringify(latin1(reply.subarray(0, SHOWN_BYTES)))
  const pretty = showReply(reply)
  return pretty.includes('\n') ? `${raw}\n${pretty.slice(0, SHOWN_BYTES)}` : raw
}

function showStep(step: Step): string {
  const prefix = step.client ? `[${step.client}] ` : ''
  if (step.receive) return `${prefix}(receive)`
  const words = toArguments(step.command ?? []).map((argument) => {
    const text = typeof argument === 'object' ? latin1(argument) : String(argument)
    const short = text.length > 100 ? `${text.slice(0, 100)}… (${text.length})` : text
    return /^[\w.*:+-]+$/.test(short) ? short : JSON.stringify(short)
  })
  return prefix + words.join(' ')
}

function report(protocol: number, history: string[], difference: string): string {
  const before = history.slice(0, -1).map((line) => `  ${line}`)
  const script = before.length > 0 ? `after\n${before.join('\n')}\n` : ''
  return `RESP${protocol}: ${history.at(-1)}\n${difference}\n${script}`
}
