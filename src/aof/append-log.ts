/**
 * The append-only file that is being written: what a round of the event loop changes is gathered
 * in a batch, and one write puts the batch and the line that proves it whole (checksum-line.ts)
 * behind the file, before any reply of that round leaves.
 *
 * When it is safe from a crash of the machine, `policy` says: `always` syncs before `flush`
 * returns, `everysec` about once a second off the command thread, `no` leaves it to the system.
 *
 * Faults, and what becomes of them (docs/decisions/0007-append-only-log.md):
 *
 *   state      meaning
 *   closed     no file
 *   ok         all well
 *   failing    a write failed; the file was cut back to its last whole batch, and the batch is kept
 *              and tried again by `tick` and `flush`. Nothing is lost as long as the process lives
 *   untrusted  a sync failed: what the file holds is unknown. The owner has to begin a new base
 *              and a new file from memory, or, under `always`, to end the process
 *
 * Time here is the clock's that never jumps, but for the `#TS:` comments.
 */
import { Crc64 } from '../bytes/crc64.ts'
import { errorMessage } from '../config/system-error.ts'
import type { Clock } from '../platform/clock.ts'
import type { OpenFile } from '../platform/files.ts'
import type { LogLine } from './aof-error.ts'
import { Batch } from './batch.ts'
import { writeChecksumLine } from './checksum-line.ts'
import { SyncedFile } from './synced-file.ts'

export type SyncPolicy = 'always' | 'everysec' | 'no'
export type LogState = 'closed' | 'ok' | 'failing' | 'untrusted'

/** From this age on of the oldest unsynced write, under `everysec`, new writes have to wait. */
const BEHIND_US = 2_000_000
const SYNC_INTERVAL_US = 1_000_000

/** Where a file is to be gone on with, behind its last whole batch. */
export interface LogEnd {
  file: OpenFile
  /** Length of the file. */
  size: number
  /** Number of the next batch. */
  number: number
  /** The checksum up to there, without the last line's own digits. */
  checksum: bigint
}

/** Measures what may hold up the command thread, by the names that LATENCY has for it. */
export interface EventTimer {
  /** A moment to measure from. */
  start(): number
  /** Notes how long an event took that began at such a moment. */
  end(name: string, startUs: number): void
}

export class AppendLog {
  policy: SyncPolicy = 'everysec'
  /** Whether `#TS:` comments are written (`aof-timestamp-enabled`). */
  hasTimestamps = false
  /** Whether checksum lines are written. Only to be changed while no file is open. */
  hasChecksums = true
  /** No syncs for now: a rewrite is under way and `no-appendfsync-on-rewrite` is set. */
  pausesSyncs = false
  /** Is told how long writes and syncs take. */
  timer: EventTimer | null = null
  /** A snapshot is being written beside the log. */
  hasCompany = false
  /** How often a sync fell behind, for INFO (`aof_delayed_fsync`). */
  delayedSyncs = 0
  /** Length of the open file. */
  sizeBytes = 0

  private readonly clock: Clock
  private readonly log: LogLine
  private readonly batch = new Batch()
  private current: SyncedFile | null = null
  /** Files that were switched away from and still wait for their last sync. */
  private readonly retired: SyncedFile[] = []
  private retiredFailed = false
  /** Counts how often retired files were forgotten: the failure of an older one says nothing. */
  private generation = 0
  private batchNumber = 0
  private readonly crc = new Crc64()
  private readonly crcBefore = new Uint8Array(8)
  /** The error of the write that failed, until one succeeds. */
  private writeError: unknown = null
  /** A write left a part of a batch that could not be cut off yet. */
  private isTorn = false
  private selected = -1
  private timestamp = 0

  constructor(clock: Clock, log: LogLine) {
    this.clock = clock
    this.log = log
  }

  get isOpen(): boolean {
    return this.current !== null
  }

  /** Whether nothing waits to be flushed. */
  get isEmpty(): boolean {
    return this.batch.length === 0
  }

  /** Whether the disk has all that was appended. */
  get isSafe(): boolean {
    return this.batch.length === 0 && (this.current?.isSafe ?? true)
  }

  /** How many bytes wait to be flushed. */
  get batchBytes(): number {
    return this.batch.length
  }

  get state(): LogState {
    if (this.current === null) return 'closed'
    if (this.current.failure !== null || this.retiredFailed) return 'untrusted'
    return this.writeError === null ? 'ok' : 'failing'
  }

  /** What `strerror` says of the last error, for MISCONF; '' when all is well. */
  get errorText(): string {
    const error = this.current?.failure ?? this.writeError
    if (error !== null && error !== undefined) return errorMessage(error)
    return this.retiredFailed ? errorMessage(systemInputOutput) : ''
  }

  /** Says to which database the commands belong that are appended next. */
  select(database: number): void {
    if (database !== this.selected) this.appendSelect(database)
  }

  /** In lower case, where Redis writes upper: so a reader knows whose the commands after it are. */
  private appendSelect(database: number): void {
    this.selected = database
    this.beginCommand()
    this.batch.appendCommand(['select', String(database)])
  }

  /** Takes over requests just as they came: whole RESP arrays, one or more of them. */
  append(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.hasTimestamps) this.beginCommand()
    this.batch.append(bytes, view, start, end)
  }

  /** Writes a command; strings are Latin-1. */
  appendCommand(words: readonly (string | Uint8Array)[]): void {
    if (this.hasTimestamps) this.beginCommand()
    this.batch.appendCommand(words)
  }

  /** A time is stated only where a batch begins, and so the file may be cut; it never goes back. */
  private beginCommand(): void {
    if (!this.hasTimestamps || this.batch.length > 0) return
    const seconds = Math.floor(this.clock.nowMs / 1000)
    if (seconds <= this.timestamp) return
    this.timestamp = seconds
    this.batch.appendTimestamp(seconds)
  }

  /**
   * Ends a batch: to be called at the end of a round, before its replies leave, and never between
   * MULTI and EXEC.
   *
   * @returns whether what was appended may be acknowledged. If not, it is kept; whoever calls again
   * (or sees the state `ok` again after a `tick`) may acknowledge it then
   */
  flush(): boolean {
    const current = this.current
    if (current === null) return true
    if (!this.writeOut(current)) return false
    if (this.policy === 'everysec') this.syncWhenDue(current)
    return this.policy !== 'always' || this.syncAtOnce(current)
  }

  /** @returns whether the file holds all that was appended */
  private writeOut(current: SyncedFile): boolean {
    if (this.batch.length === 0) return true
    if (this.isTorn && !this.cutBack(current)) return false
    const startUs = this.timer?.start() ?? 0
    const isWritten = this.write(current)
    if (startUs > 0) this.noteWrite(current, startUs)
    if (!isWritten) return false
    current.written(this.clock.tickUs)
    return true
  }

  /** A write is an event under two names, the second of which says what else went on. */
  private noteWrite(current: SyncedFile, startUs: number): void {
    let name = 'aof-write-alone'
    if (current.isSyncing) name = 'aof-write-pending-fsync'
    else if (this.hasCompany) name = 'aof-write-active-child'
    this.timer?.end(name, startUs)
    this.timer?.end('aof-write', startUs)
  }

  private write(current: SyncedFile): boolean {
    const batch = this.batch
    const length = batch.length
    let end = length
    if (this.hasChecksums) {
      this.crc.writeTo(this.crcBefore, 0)
      end = writeChecksumLine(batch.bytes, 0, length, this.batchNumber, this.crc, batch.view)
    }
    let written = 0
    try {
      while (written < end) {
        const taken = current.file.write(batch.bytes, written, end)
        if (taken === 0) throw systemNoSpace
        written += taken
      }
    } catch (error) {
      if (this.hasChecksums) this.crc.reset(asInteger(this.crcBefore))
      this.isTorn = written > 0
      this.writeFailed(current, error)
      return false
    }
    this.batchNumber++
    this.sizeBytes += end
    batch.clear()
    if (this.writeError !== null) {
      this.writeError = null
      this.log('notice', 'AOF write error looks solved, writing goes on.')
    }
    return true
  }

  private writeFailed(current: SyncedFile, error: unknown): void {
    if (this.writeError === null) {
      this.log('warning', `Error writing to the AOF file: ${errorMessage(error)}`)
    }
    this.writeError = error
    if (this.isTorn) this.cutBack(current)
  }

  /** Cuts off the part of a batch. @returns whether the file ends with a whole batch again */
  private cutBack(current: SyncedFile): boolean {
    if (current.isSyncing) return false
    try {
      current.file.truncate(this.sizeBytes)
    } catch (error) {
      this.writeError = error
      return false
    }
    this.isTorn = false
    return true
  }

  private syncAtOnce(current: SyncedFile): boolean {
    if (this.pausesSyncs || current.isSafe) return true
    // A sync that was begun under another policy has to end first.
    if (current.isSyncing || current.failure !== null) return false
    const startUs = this.timer?.start() ?? 0
    const isSynced = current.sync(this.clock.tickUs)
    if (startUs > 0) this.timer?.end('aof-fsync-always', startUs)
    if (!isSynced) this.syncFailed(current)
    return isSynced
  }

  private syncWhenDue(current: SyncedFile): void {
    if (this.pausesSyncs || current.isSafe || current.isSyncing || current.failure !== null) return
    if (this.clock.tickUs - current.startedUs < SYNC_INTERVAL_US) return
    this.beginSync(current)
  }

  private beginSync(current: SyncedFile): void {
    current.syncLater(this.clock.tickUs, () => {
      if (current.failure !== null) this.syncFailed(current)
    })
  }

  private syncFailed(file: SyncedFile): void {
    const reason = errorMessage(file.failure)
    this.log('warning', `Fail to fsync the AOF file ${file.file.path}: ${reason}`)
  }

  /** What is due now: another try of a failed write, a sync. For the owner's timer. */
  tick(): void {
    const current = this.current
    if (current === null) return
    if (this.batch.length > 0) this.flush()
    if (this.policy === 'everysec') this.syncWhenDue(current)
    this.countDelay(current)
  }

  private isDelayed = false

  private countDelay(current: SyncedFile): void {
    const isDelayed = current.isSyncing && this.clock.tickUs - current.startedUs >= BEHIND_US
    if (isDelayed && !this.isDelayed) {
      this.delayedSyncs++
      this.log(
        'notice',
        'Asynchronous AOF fsync is taking too long (disk is busy?). Writers wait for it.',
      )
    }
    this.isDelayed = isDelayed
  }

  /** Under `everysec`: whether the disk is so far behind that no new write may be taken now. */
  isBehind(): boolean {
    if (this.policy !== 'everysec' || this.pausesSyncs || this.state !== 'ok') return false
    return this.oldestUnsyncedMs() * 1000 >= BEHIND_US
  }

  /** Age of the oldest write that a crash of the machine could lose; 0 if there is none. */
  oldestUnsyncedMs(): number {
    let oldestUs = this.current?.oldestUs ?? -1
    for (const file of this.retired) {
      if (file.oldestUs >= 0 && (oldestUs < 0 || file.oldestUs < oldestUs)) oldestUs = file.oldestUs
    }
    return oldestUs < 0 ? 0 : Math.max(0, (this.clock.tickUs - oldestUs) / 1000)
  }

  /** Whether a sync is under way, for INFO (`aof_pending_bio_fsync`). */
  get isSyncing(): boolean {
    return this.current?.isSyncing ?? false
  }

  /**
   * Syncs off the command thread what is written now, and calls when no sync is under way: then
   * `syncRest` has little left to wait for. Before a switch of files and before the end. `flush`
   * begins no sync in the turn in which this calls.
   */
  whenSynced(then: () => void): void {
    const current = this.current
    if (current === null) return then()
    const call = () => {
      current.startedUs = this.clock.tickUs
      then()
    }
    current.whenIdle(() => {
      if (current.isSafe || current.failure !== null) return call()
      this.beginSync(current)
      current.whenIdle(call)
    })
  }

  /**
   * Writes what was appended and waits for the disk.
   *
   * @returns whether all is safe; false also while a sync is under way
   */
  syncRest(): boolean {
    const current = this.current
    if (current === null) return true
    if (current.isSyncing || !this.writeOut(current)) return false
    if (current.isSafe || current.sync(this.clock.tickUs)) return current.failure === null
    this.syncFailed(current)
    return false
  }

  /**
   * Goes on with another file. What is written of the one before is synced off the command thread;
   * a batch that could not be written to an untrusted file is dropped, as the base that is made
   * from memory now has its effects.
   */
  switchTo(end: LogEnd): void {
    this.retire()
    this.current = new SyncedFile(end.file)
    this.sizeBytes = end.size
    this.batchNumber = end.number
    this.crc.reset(end.checksum)
    this.selected = -1
    this.timestamp = 0
  }

  /** The files before the present one are history: whatever became of them counts no more. */
  forgetRetired(): void {
    this.retiredFailed = false
    this.generation++
  }

  /**
   * Flushes, syncs and closes: at once, or in a later turn if a sync is under way.
   *
   * @returns whether all that was appended is written
   */
  close(): boolean {
    const current = this.current
    const isWritten = current === null || this.writeOut(current)
    this.syncRest()
    this.retire()
    this.forgetRetired()
    return isWritten
  }

  private retire(): void {
    const current = this.current
    this.current = null
    this.batch.clear()
    this.writeError = null
    this.isTorn = false
    this.isDelayed = false
    if (current === null) return
    const generation = this.generation
    const hadFailed = current.failure !== null
    if (hadFailed) this.retiredFailed = true
    this.retired.push(current)
    current.retire(this.clock.tickUs, () => {
      if (current.failure !== null && !hadFailed) {
        this.syncFailed(current)
        if (generation === this.generation) this.retiredFailed = true
      }
      this.retired.splice(this.retired.indexOf(current), 1)
    })
  }
}

const systemNoSpace = Object.assign(new Error('no space'), { code: 'ENOSPC' })
const systemInputOutput = Object.assign(new Error('input/output'), { code: 'EIO' })

/** Eight bytes, least significant first, as an unsigned integer. */
function asInteger(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer).getBigUint64(0, true)
}
