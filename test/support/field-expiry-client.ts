/**
 * What the tests of expiring fields share: a server with a clock that stands still, requests as one
 * line, and what a request leaves for the append only file.
 */
import { ManualClock } from '../../src/platform/clock.ts'
import type { Server } from '../../src/server/server.ts'
import {
  type CallArgument,
  InProcessClient,
  ReplyError,
  testServer,
  type Value,
} from './in-process-client.ts'

/** Times of fields are earlier than this. */
export const LIMIT_MS = 2 ** 46

export let clock: ManualClock
export let server: Server
export let client: InProcessClient

/** Begins anew, with a server whose small hashes have so many fields at most. */
export function start(entries: number): void {
  clock = new ManualClock()
  const config = {
    'hash-max-listpack-entries': `${entries}`,
    'enable-debug-command': 'yes',
  }
  server = testServer({ clock, config })
  client = new InProcessClient(server)
}

/** A reply, an error as its text; what is checked must be sound at any time. */
export function call(...words: readonly CallArgument[]): Value {
  const value = client.value(...words)
  server.keyspace.check()
  return value instanceof ReplyError ? value.text : value
}

/** A request as one line. */
export const line = (text: string): Value => call(...text.split(' '))

export const sorted = (value: Value): Value[] => [...(value as Value[])].sort()

/** How many changes a request counts as. */
export function changes(text: string): number {
  const { dirty } = server
  line(text)
  return server.dirty - dirty
}

/** What the append only file gets of a request. */
export function passedOn(text: string): string[][] {
  const { propagation } = server
  const { clear } = propagation
  const parts: Buffer[] = []
  // Whoever takes what is passed on clears the buffer.
  propagation.clear = () => {
    parts.push(Buffer.from(propagation.bytes.subarray(0, propagation.length)))
    clear.call(propagation)
  }
  propagation.start()
  line(text)
  propagation.stop()
  Reflect.deleteProperty(propagation, 'clear')
  const written = Buffer.concat(parts)
  const requests: string[][] = []
  let at = 0
  const next = (): string => {
    const end = written.indexOf('\r\n', at)
    const head = written.toString('latin1', at, end)
    at = end + 2
    return head
  }
  while (at < written.length) {
    const words: string[] = []
    for (let count = Number(next().slice(1)); count > 0; count--) {
      const length = Number(next().slice(1))
      words.push(written.toString('latin1', at, at + length))
      at += length + 2
    }
    if (words[0]!.toLowerCase() !== 'select') requests.push(words)
  }
  return requests
}
