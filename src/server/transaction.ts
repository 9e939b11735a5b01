/**
 * A transaction: the requests that a session has queued between MULTI and EXEC.
 *
 * Their arguments are copied one behind the other into chunks of memory, and where they lie is
 * noted in one array of integers, so that queueing a request makes no object. A chunk is never
 * moved: when it is full another one follows, twice as large up to a limit, or as large as a single
 * request needs. Transactions are used again, with their first chunk.
 *
 * Layout of `places`, for each request: number of its chunk, number of its arguments, then the
 * begin and the end of each argument in that chunk.
 *
 * What the checks before EXEC want to know of all the queued commands is gathered as they come.
 */
import { copyBytes } from '../arena/bytes.ts'
import type { Command } from '../commands/command-table.ts'
import type { Args } from '../resp/args.ts'
import type { Session } from './session.ts'
import type { Watches } from './watches.ts'

const FIRST_CHUNK_BYTES = 1024
const MAX_CHUNK_BYTES = 64 * 1024
const FIRST_PLACES = 128
/** Longer arrays of commands are let go with their transaction. */
const KEPT_COMMANDS = 64
/** Redis holds a pointer for each queued argument, and counts it. */
const ARGUMENT_BYTES = 8
/** So many transactions that are over are kept to be used again. */
const MAX_SPARES = 64

interface Chunk {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export class Transaction {
  /** A request has been refused: EXEC will do nothing. */
  isRefused = false
  /** EXEC is at it. */
  isRunning = false
  /** Bytes of the arguments, as Redis counts them: CLIENT LIST's multi-mem. */
  argumentBytes = 0
  // Whether any of the queued commands is such.
  isWrite = false
  mayChange = false
  reads = false
  deniesOutOfMemory = false
  needsLoadedData = false

  /** Number of requests. */
  count = 0
  private commands: Command[] = []
  private chunks: Chunk[] = []
  /** Bytes in use in the last chunk. */
  private used = 0
  private places = new Int32Array(FIRST_PLACES)
  private placesEnd = 0
  private nextCommand = 0
  private nextPlace = 0

  /** Bytes of memory set aside. */
  get capacity(): number {
    let sum = this.places.byteLength
    for (const { bytes } of this.chunks) sum += bytes.length
    return sum
  }

  /** Adds a copy of a request. */
  add(command: Command, args: Args): void {
    const { count, starts, ends } = args
    let length = 0
    for (let i = 0; i < count; i++) length += ends[i]! - starts[i]!
    const chunk = this.chunkFor(length)
    this.reservePlaces(2 + 2 * count)
    const { places } = this
    let at = this.placesEnd
    places[at++] = this.chunks.length - 1
    places[at++] = count
    let to = this.used
    for (let i = 0; i < count; i++) {
      const start = starts[i]!
      const bytes = ends[i]! - start
      copyBytes(args.bytes, args.view, start, chunk.bytes, chunk.view, to, bytes)
      places[at++] = to
      to += bytes
      places[at++] = to
    }
    this.used = to
    this.placesEnd = at
    this.commands[this.count++] = command
    this.argumentBytes += length + ARGUMENT_BYTES * count
    if (command.isWrite) this.isWrite = true
    if (command.mayChange) this.mayChange = true
    if (command.reads) this.reads = true
    if (command.deniesOutOfMemory) this.deniesOutOfMemory = true
    if (!command.runsWhileLoading) this.needsLoadedData = true
  }

  /** The last chunk, with room for `length` bytes behind `used`. */
  private chunkFor(length: number): Chunk {
    const last = this.chunks[this.chunks.length - 1]
    if (last !== undefined && this.used + length <= last.bytes.length) return last
    const next = last === undefined ? FIRST_CHUNK_BYTES : last.bytes.length * 2
    const bytes = Buffer.allocUnsafeSlow(Math.max(length, Math.min(next, MAX_CHUNK_BYTES)))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const chunk: Chunk = { bytes, view }
    this.chunks.push(chunk)
    this.used = 0
    return chunk
  }

  private reservePlaces(count: number): void {
    const needed = this.placesEnd + count
    if (needed <= this.places.length) return
    const places = new Int32Array(Math.max(needed, this.places.length * 2))
    places.set(this.places)
    this.places = places
  }

  /** Has `next` begin with the first request. */
  rewind(): void {
    this.nextCommand = 0
    this.nextPlace = 0
  }

  /** The command of the next request, whose arguments are put into `args`. */
  next(args: Args): Command {
    const { places } = this
    let at = this.nextPlace
    const chunk = this.chunks[places[at++]!]!
    const count = places[at++]!
    args.bytes = chunk.bytes
    args.view = chunk.view
    args.count = 0
    for (let i = 0; i < count; i++) {
      args.push(places[at]!, places[at + 1]!)
      at += 2
    }
    this.nextPlace = at
    return this.commands[this.nextCommand++]!
  }

  /** Makes it as new, but for the memory that it keeps. */
  clear(): void {
    this.isRefused = false
    this.isRunning = false
    this.argumentBytes = 0
    this.isWrite = false
    this.mayChange = false
    this.reads = false
    this.deniesOutOfMemory = false
    this.needsLoadedData = false
    this.count = 0
    if (this.commands.length > KEPT_COMMANDS) this.commands = []
    if (this.chunks.length > 1) this.chunks.length = 1
    if (this.chunks.length > 0 && this.chunks[0]!.bytes.length > FIRST_CHUNK_BYTES) this.chunks = []
    this.used = 0
    if (this.places.length > FIRST_PLACES) this.places = new Int32Array(FIRST_PLACES)
    this.placesEnd = 0
  }
}

/** Gives sessions their transactions, and takes them back. */
export class Transactions {
  private readonly watches: Watches
  private readonly spares: Transaction[] = []

  constructor(watches: Watches) {
    this.watches = watches
  }

  /** MULTI. */
  begin(session: Session): void {
    session.transaction = this.spares.pop() ?? new Transaction()
  }

  /** Ends a session's transaction if it is in one; it watches nothing any more. */
  discard(session: Session): void {
    const { transaction } = session
    this.watches.unwatch(session)
    session.isDirty = false
    if (transaction === null) return
    session.transaction = null
    if (!transaction.isRunning) this.giveBack(transaction)
  }

  /** Takes a transaction that nobody uses any more. */
  giveBack(transaction: Transaction): void {
    if (this.spares.length >= MAX_SPARES) return
    transaction.clear()
    this.spares.push(transaction)
  }
}
