/**
 * An open file, and how much of what was written to it is known to be on the disk.
 *
 * A sync covers what had been written when it was begun. One that has failed leaves the file
 * doubtful for good: the system may have thrown away what it could not write, and a later sync that
 * succeeds says nothing of it. So nothing is synced any more after that, and `failure` stays.
 */
import type { OpenFile } from '../platform/files.ts'

/** Stands for no point in time. */
const NEVER = -1

export class SyncedFile {
  readonly file: OpenFile
  /** The error of the sync that failed. */
  failure: NodeJS.ErrnoException | null = null
  /** When the last sync was begun, in microseconds of the clock that never jumps. */
  startedUs = Number.NEGATIVE_INFINITY
  /** Whether a sync is under way off the command thread. */
  isSyncing = false
  /** When the first write was made that no sync covers yet. */
  private writtenUs = NEVER
  /** When the first write was made that the sync under way covers. */
  private coveredUs = NEVER
  private readonly waiting: (() => void)[] = []

  constructor(file: OpenFile) {
    this.file = file
  }

  /** Notes that something was written. */
  written(nowUs: number): void {
    if (this.writtenUs === NEVER) this.writtenUs = nowUs
  }

  /** Whether all that was written is on the disk. */
  get isSafe(): boolean {
    return this.writtenUs === NEVER && this.coveredUs === NEVER
  }

  /** When the oldest write was made that may be lost; -1 if there is none. */
  get oldestUs(): number {
    return this.coveredUs === NEVER ? this.writtenUs : this.coveredUs
  }

  /** Waits for the disk. None may be under way. @returns whether all is safe */
  sync(nowUs: number): boolean {
    if (this.isSyncing) throw new Error('a sync is under way already')
    if (this.failure !== null) return false
    this.startedUs = nowUs
    try {
      this.file.sync()
    } catch (error) {
      this.failure = error as NodeJS.ErrnoException
      return false
    }
    this.writtenUs = NEVER
    return true
  }

  /** Begins a sync off the command thread; `done` comes in a later turn, failed or not. */
  syncLater(nowUs: number, done: () => void): void {
    this.isSyncing = true
    this.startedUs = nowUs
    this.coveredUs = this.writtenUs
    this.writtenUs = NEVER
    this.file.syncLater((error) => {
      this.isSyncing = false
      if (error === null) this.coveredUs = NEVER
      else this.failure = error
      done()
      // One of those who wait may begin the next sync; the others wait for that one, then.
      while (!this.isSyncing && this.waiting.length > 0) this.waiting.shift()!()
    })
  }

  /** Calls when no sync is under way: at once, or when the present one is done. */
  whenIdle(then: () => void): void {
    if (this.isSyncing) this.waiting.push(then)
    else then()
  }

  /** Syncs what is left, off the command thread, and closes. `done` comes when that is over. */
  retire(nowUs: number, done: () => void): void {
    this.whenIdle(() => {
      if (this.isSafe || this.failure !== null) {
        this.file.close()
        done()
      } else {
        this.syncLater(nowUs, () => {
          this.file.close()
          done()
        })
      }
    })
  }
}
