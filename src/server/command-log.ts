/**
 * The logs of notable calls, each with the calls that reached its threshold: the slow log, and
 * beside it, as Valkey 8.1 has them, those of large requests and of large replies.
 *
 * An entry keeps of its request what Redis's slow log keeps: the first arguments, each up to a
 * length, and none that is secret. The newest `maxLength` entries are there. They are found by
 * their ids, which count up for as long as the server lives, so that adding one and dropping the
 * oldest cost the same however many there are.
 */
import { beginningOf, latin1 } from '../bytes/text.ts'
import { untilNul } from '../commands/c-string.ts'
import type { Command } from '../commands/command-table.ts'
import type { Args } from '../resp/args.ts'
import { REDACTED, secretsOf } from './secrets.ts'
import type { Session } from './session.ts'

/** With more arguments than this, the last one shown says how many are left out. */
const ARGUMENTS_MAX = 32
const ARGUMENT_BYTES_MAX = 128
const CLIENT_NAME_MAX = 256

export interface LogEntry {
  readonly id: number
  readonly unixSeconds: number
  /** Microseconds or bytes, as the log measures. */
  readonly value: number
  /** As Latin-1. */
  readonly arguments: readonly string[]
  readonly clientAddress: string
  readonly clientName: string
}

export class CommandLog {
  /** Calls with at least this value are entered; none if it is negative. */
  threshold = -1
  private maxLength = 0
  private nextId = 0
  private readonly entries = new Map<number, LogEntry>()

  get length(): number {
    return this.entries.size
  }

  /** Sets how many entries are kept; a log that takes nothing in keeps what it has, as in Redis. */
  setMaxLength(maxLength: number): void {
    this.maxLength = maxLength
    if (this.threshold >= 0) this.trim()
  }

  /** Whether a call of this value belongs into the log. */
  takes(value: number): boolean {
    return this.threshold >= 0 && value >= this.threshold
  }

  add(session: Session, value: number, words: readonly string[]): void {
    const id = this.nextId++
    this.entries.set(id, {
      id,
      unixSeconds: Math.floor(session.server.clock.nowMs / 1000),
      value,
      arguments: words,
      clientAddress: session.transport.remoteAddress,
      clientName: beginningOf(untilNul(session.name), CLIENT_NAME_MAX),
    })
    this.trim()
  }

  private trim(): void {
    while (this.entries.size > this.maxLength) this.entries.delete(this.oldestId)
  }

  private get oldestId(): number {
    return this.nextId - this.entries.size
  }

  /** The newest `count` entries, the last one first. */
  *newest(count: number): IterableIterator<LogEntry> {
    const end = Math.max(this.oldestId, this.nextId - count)
    for (let id = this.nextId - 1; id >= end; id--) yield this.entries.get(id)!
  }

  reset(): void {
    this.entries.clear()
  }
}

/** What an entry shows of a request. */
export function loggedArguments(session: Session, command: Command, args: Args): string[] {
  const secrets = secretsOf(session.server, command, args)
  const { count } = args
  const shown = count > ARGUMENTS_MAX ? ARGUMENTS_MAX - 1 : count
  const words: string[] = []
  for (let i = 0; i < shown; i++) {
    words.push(secrets.includes(i) ? REDACTED : shortened(args, i))
  }
  if (shown < count) words.push(`... (${count - shown} more arguments)`)
  return words
}

function shortened(args: Args, index: number): string {
  const more = args.length(index) - ARGUMENT_BYTES_MAX
  if (more <= 0) return args.text(index)
  const start = args.starts[index]!
  const beginning = latin1(args.bytes, start, start + ARGUMENT_BYTES_MAX)
  return `${beginning}... (${more} more bytes)`
}
