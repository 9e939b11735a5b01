/**
 * A snapshot of the keyspace as a stream (snapshot-format.ts): as everything is at the moment when
 * it begins, taken in slices between commands, without a fork and without a second copy of the
 * data.
 *
 * It walks over the tables of each database's dict. What it has not come to yet and is about to be
 * changed is written out first (`found`), out of turn: the order of keys in a stream means nothing.
 * Which entries are still to be written, their epoch tells (keyspace/preserver.ts).
 *
 * A large value is written in steps, between which other commands run. So while one is under way
 * the others that have to be written at once go to a second output, which follows behind it.
 * Whoever wants to change a large value that is not written yet is asked to wait (`holds`), and
 * that value comes next; one who can't wait has it written in one go. A large value that expires
 * stays until it is written, and counts as absent.
 *
 * If a database is emptied as a whole, the snapshot is worthless (`isBroken`). It goes on then,
 * without writing anything, until all entries are of one epoch again.
 * docs/decisions/0008-snapshot.md has the picture.
 */
import { type Address, NULL } from '../arena/arena.ts'
import type { Database } from '../keyspace/database.ts'
import {
  EPOCH_BIT,
  encodingOf,
  epochOf,
  flipEpoch,
  SEPARATE,
  TYPE_STRING,
  typeOf,
} from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Preserver } from '../keyspace/preserver.ts'
import { StringValue } from '../keyspace/string-value.ts'
import { RdbOutput } from './rdb-output.ts'
import type { EntryWriter, SnapshotFormat, StreamSeal } from './snapshot-format.ts'

/** A value with more elements is written in steps. */
const LARGE_ELEMENTS = 512
/** A string with more bytes is written in steps. */
const LARGE_STRING_BYTES = 256 * 1024
/** With so many bytes waiting to be taken, whoever wants to change anything unsaved has to wait. */
const BACKLOG_MAX_BYTES = 64 * 1024 * 1024
const FIRST_BYTES = 64 * 1024
/** Elements written between two looks at the clock. */
const STEP_ELEMENTS = 256

export interface SnapshotOptions {
  /** Whether strings are compressed, where the format may do that. */
  readonly compress: boolean
  /** How much memory the output begins with. */
  readonly bufferBytes?: number
  /** Told whenever `output` ends between two entries or commands. */
  readonly seal?: StreamSeal
}

export class Snapshot implements Preserver {
  /** What has been written and not been taken away yet. */
  readonly output: RdbOutput
  /** Whether the command under way may change what it looks up. */
  isChanging = false
  /** Whether it was given up, or the content went away under it: nothing is written any more. */
  isBroken = false
  /** Entries written so far, and how many there were at the beginning. */
  savedKeys = 0
  readonly totalKeys: number
  private readonly keyspace: Keyspace
  readonly format: SnapshotFormat
  private readonly seal: StreamSeal | null
  private readonly writer: EntryWriter
  /** Takes what has to be written at once while a large value is under way in `output`. */
  private readonly aside: RdbOutput
  private readonly asideWriter: EntryWriter
  private readonly string = new StringValue()
  /** The number that each database had at the beginning, by the number that it has now. */
  private readonly numbers: number[]
  /** How far the walk is in each database, by its number now; -1 when it is through. */
  private readonly positions: number[]
  /** Large values found on the way, to be written before the walk goes on. */
  private readonly large = new Map<Address, Database>()
  /** The database that the walk is in. */
  private walked: Database
  /** The one of them that somebody waits for, the last such; NULL if nobody has. */
  private wanted: Address = NULL
  /** The entry whose large value is under way; NULL if none is. */
  private underWay: Address = NULL
  /** Number of the database that what is in `output` ends with, and in `aside`; -1 at first. */
  private selected = -1
  private asideSelected = -1
  /** Whether there is nothing left to do. */
  isDone = false

  /** Begins: the snapshot is of this moment. No other may be under way. */
  constructor(keyspace: Keyspace, format: SnapshotFormat, options: SnapshotOptions) {
    this.keyspace = keyspace
    this.format = format
    this.seal = options.seal ?? null
    this.output = new RdbOutput(options.compress, options.bufferBytes ?? FIRST_BYTES)
    this.aside = new RdbOutput(options.compress)
    this.writer = format.createWriter()
    this.asideWriter = format.createWriter()
    this.walked = keyspace.databases[0]!
    this.numbers = keyspace.databases.map((database) => database.index)
    this.positions = keyspace.databases.map((database) => (database.count > 0 ? 0 : -1))
    this.totalKeys = keyspace.databases.reduce((sum, database) => sum + database.count, 0)
    keyspace.epoch ^= EPOCH_BIT
    keyspace.preserver = this
    this.seal?.begin(this.output)
    format.writeHeader(this.output)
  }

  /**
   * Writes on until a moment of the monotonic clock, or until so many bytes are in `output`.
   *
   * @returns whether there is nothing left to do
   */
  step(deadlineUs: number, maxBytes: number): boolean {
    const { clock } = this.keyspace
    while (!this.isDone && this.output.length < maxBytes) {
      if (!this.writeSome()) this.finish()
      if (clock.monotonicMicroseconds() >= deadlineUs) break
    }
    return this.isDone
  }

  /** Gives up. `step` is to be called until there is nothing left to do all the same. */
  abandon(): void {
    if (this.isDone) return
    this.isBroken = true
    if (this.underWay !== NULL) flipEpoch(this.keyspace.arena, this.underWay)
    this.underWay = NULL
    for (const entry of this.large.keys()) flipEpoch(this.keyspace.arena, entry)
    this.large.clear()
    this.output.clear()
    this.aside.clear()
  }

  /** A piece of the work. @returns whether there is more to do */
  private writeSome(): boolean {
    if (this.underWay !== NULL) {
      if (this.writer.step(STEP_ELEMENTS)) this.endLarge()
      else if (this.writer.isBetween) this.seal?.between(this.output)
      return true
    }
    const wanted = this.large.get(this.wanted)
    if (wanted !== undefined) {
      this.beginLarge(wanted, this.wanted)
      return true
    }
    for (const [entry, database] of this.large) {
      this.beginLarge(database, entry)
      return true
    }
    const index = this.positions.findIndex((position) => position >= 0)
    if (index < 0) return false
    const database = this.keyspace.databases[index]!
    this.walked = database
    const next = database.visitTable(this.positions[index]!, this.visit)
    this.positions[index] = next === 0 ? -1 : next
    return true
  }

  private readonly visit = (entry: Address): void => {
    const { arena, epoch } = this.keyspace
    if (epochOf(arena, entry) === epoch) return
    if (this.isBroken) flipEpoch(arena, entry)
    else if (this.isLarge(entry)) this.large.set(entry, this.walked)
    else this.writeSmall(this.walked, entry)
  }

  private finish(): void {
    this.isDone = true
    this.keyspace.preserver = null
    if (!this.isBroken) this.format.writeEnd(this.output)
  }

  /** Whether the value of an entry takes long to write. */
  private isLarge(entry: Address): boolean {
    const { arena, collections } = this.keyspace
    if ((encodingOf(arena, entry) & SEPARATE) === 0) return false
    if (typeOf(arena, entry) !== TYPE_STRING) {
      return collections.at(entry).length > LARGE_ELEMENTS
    }
    this.string.locate(arena, entry)
    return this.string.length > LARGE_STRING_BYTES
  }

  /** Writes an entry as a whole, into the output that is free for it. */
  private writeSmall(database: Database, entry: Address): void {
    const { format } = this
    const number = this.numbers[database.index]!
    const isAside = this.underWay !== NULL
    const output = isAside ? this.aside : this.output
    if (number !== (isAside ? this.asideSelected : this.selected)) {
      format.writeDatabase(output, number, database.count, database.expiring)
      if (isAside) this.asideSelected = number
      else this.selected = number
    }
    if (isAside) {
      this.asideWriter.write(output, entry)
    } else {
      this.writer.write(output, entry)
      this.seal?.between(output)
    }
    this.noteSaved(entry)
  }

  private noteSaved(entry: Address): void {
    flipEpoch(this.keyspace.arena, entry)
    this.savedKeys++
  }

  private beginLarge(database: Database, entry: Address): void {
    const { format, output } = this
    const number = this.numbers[database.index]!
    if (number !== this.selected) {
      format.writeDatabase(output, number, database.count, database.expiring)
      this.selected = number
    }
    this.large.delete(entry)
    this.underWay = entry
    if (this.writer.begin(output, entry)) this.endLarge()
  }

  private endLarge(): void {
    const { aside, output } = this
    this.noteSaved(this.underWay)
    this.underWay = NULL
    if (aside.length > 0) {
      output.writeRaw(aside.bytes, aside.view, 0, aside.length)
      aside.clear()
      this.selected = this.asideSelected
      this.asideSelected = -1
    }
    this.seal?.between(output)
  }

  /**
   * Whether a key, that a command is about to change, has a large value that is not written yet.
   */
  holds(database: Database, entry: Address): boolean {
    const { arena, epoch } = this.keyspace
    if (epochOf(arena, entry) === epoch || this.isBroken) return false
    if (entry === this.underWay || this.output.length > BACKLOG_MAX_BYTES) return true
    if (!this.isLarge(entry)) return false
    this.large.set(entry, database)
    this.wanted = entry
    return true
  }

  found(database: Database, entry: Address): void {
    const { arena, epoch } = this.keyspace
    if (!this.isChanging || epochOf(arena, entry) === epoch) return
    this.save(database, entry)
  }

  /** Writes an entry to the end, at once. */
  private save(database: Database, entry: Address): void {
    if (this.isBroken) return flipEpoch(this.keyspace.arena, entry)
    if (entry !== this.underWay) {
      this.large.delete(entry)
      return this.writeSmall(database, entry)
    }
    while (!this.writer.step(Number.MAX_SAFE_INTEGER)) {
      // What is left takes another step.
    }
    this.endLarge()
  }

  mayRemove(database: Database, entry: Address): boolean {
    const { arena, epoch } = this.keyspace
    if (epochOf(arena, entry) === epoch) return true
    if (this.holds(database, entry)) return false
    this.save(database, entry)
    return true
  }

  swapped(first: Database, second: Database): void {
    const exchange = (list: number[]) => {
      const kept = list[first.index]!
      list[first.index] = list[second.index]!
      list[second.index] = kept
    }
    exchange(this.numbers)
    exchange(this.positions)
    for (const [entry, database] of this.large) {
      if (database === first) this.large.set(entry, second)
      else if (database === second) this.large.set(entry, first)
    }
  }

  emptied(): void {
    this.abandon()
  }
}
