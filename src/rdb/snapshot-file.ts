/**
 * A snapshot on its way into a file. The command thread walks and encodes, a slice at a time, and
 * takes the checksum; writing and syncing go on off it. (A worker thread for the checksum was no
 * gain: it costs about a nanosecond a byte, and handing the bytes over costs no less.)
 *
 * While the disk takes longer than the walk, the walk waits. What must be written out at once all
 * the same, because it is about to be changed, gathers in memory; beyond a limit those who want to
 * change something wait as well (`Snapshot.holds`).
 *
 * The file is real when `isDone`: all of it is written and synced. It is the caller's to give it
 * its name then, or to remove what a failure has left.
 */
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Files, OpenFile } from '../platform/files.ts'
import { Snapshot } from './snapshot.ts'
import type { SnapshotFormat, StreamSeal } from './snapshot-format.ts'

/** So many bytes are written at once. */
const WRITE_BYTES = 256 * 1024
/** The walk waits while so many bytes wait to be written. */
const WALK_MAX_BYTES = 2 * 1024 * 1024
/**
 * Memory that need not grow for what is written beyond that: a table's keys, or a step of a value.
 */
const BUFFER_BYTES = WALK_MAX_BYTES + 1024 * 1024

/** A snapshot was given up for something else, and not since anything is wrong. */
export class Interrupted extends Error {}

export class SnapshotFile {
  readonly path: string
  readonly snapshot: Snapshot
  /** Whether the file is whole and on the disk. */
  isDone = false
  /** What went wrong; null if nothing has. The snapshot goes on then until it may be dropped. */
  failure: unknown = null
  private readonly file: OpenFile
  private readonly seal: StreamSeal
  /** What is being written; the snapshot's output fills up meanwhile. */
  private chunk: Uint8Array = new Uint8Array(BUFFER_BYTES)
  private isWriting = false
  private isClosed = false
  /** Whether the last checksum has been written behind the end. */
  private isSealed = false

  /**
   * Begins the snapshot and the file.
   *
   * @param seal gives the file its checksums
   * @param compress whether strings are compressed
   * @throws a system error if the file cannot be created; no snapshot has begun then
   */
  constructor(
    keyspace: Keyspace,
    files: Files,
    path: string,
    format: SnapshotFormat,
    seal: StreamSeal,
    compress: boolean,
  ) {
    this.path = path
    this.file = files.open(path, 'create')
    this.seal = seal
    this.snapshot = new Snapshot(keyspace, format, { compress, bufferBytes: BUFFER_BYTES, seal })
  }

  /** Whether `step` has something to do, and does not only wait for the disk. */
  get canStep(): boolean {
    const { snapshot } = this
    if (this.isDone) return false
    return !this.isWriting || (!snapshot.isDone && snapshot.output.length < WALK_MAX_BYTES)
  }

  /** Whether there is nothing left to do: the file is done, or the snapshot given up and over. */
  get isOver(): boolean {
    return this.isDone || (this.failure !== null && this.snapshot.isDone && !this.isWriting)
  }

  /** Goes on until a moment of the monotonic clock. */
  step(deadlineUs: number): void {
    const { snapshot } = this
    if (snapshot.isBroken && this.failure === null) this.fail(new Interrupted('the data went away'))
    snapshot.step(deadlineUs, this.failure === null ? WALK_MAX_BYTES : Number.MAX_SAFE_INTEGER)
    if (this.failure !== null) snapshot.output.clear()
    else if (!this.isWriting) this.writeNext()
  }

  /** All that is left, at once. */
  finish(): void {
    const { file, snapshot } = this
    try {
      while (!this.isSealed) {
        snapshot.step(Number.POSITIVE_INFINITY, WRITE_BYTES)
        if (snapshot.isDone) this.end()
        else this.seal.taken(snapshot.output)
        const { bytes, length } = snapshot.output
        for (let at = 0; at < length; ) at += file.write(bytes, at, length)
        snapshot.output.clear()
      }
      file.sync()
      this.close()
      this.isDone = true
    } catch (error) {
      this.fail(error)
      while (!snapshot.step(Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER)) {
        // Entries are turned over, and nothing is written.
      }
    }
  }

  /** Gives up. `step` is to be called until `isOver` all the same. */
  fail(error: unknown): void {
    if (this.failure !== null || this.isDone) return
    this.failure = error
    this.snapshot.abandon()
    if (!this.isWriting) this.close()
  }

  /** Puts the last checksum behind the end. */
  private end(): void {
    this.seal.end(this.snapshot.output)
    this.isSealed = true
  }

  private writeNext(): void {
    const { output } = this.snapshot
    if (this.snapshot.isDone && !this.isSealed) this.end()
    else if (!this.isSealed && output.length < WRITE_BYTES) return
    else if (!this.isSealed) this.seal.taken(output)
    if (output.length === 0) return this.syncAndClose()
    const { length } = output
    const chunk = output.exchange(this.chunk)
    this.chunk = chunk
    this.isWriting = true
    this.file.writeLater(chunk, 0, length, (error) => {
      this.isWriting = false
      if (this.failure !== null) this.close()
      else if (error !== null) this.fail(error)
      else if (this.snapshot.isDone) this.writeNext()
    })
  }

  private syncAndClose(): void {
    this.isWriting = true
    this.file.syncLater((error) => {
      this.isWriting = false
      if (error !== null && this.failure === null) return this.fail(error)
      this.close()
      this.isDone = this.failure === null
    })
  }

  private close(): void {
    if (this.isClosed) return
    this.isClosed = true
    try {
      this.file.close()
    } catch {
      // It has been synced, or is worthless.
    }
  }
}
