/**
 * The snapshot that is being taken beside the service, for a save or for the base of a new append
 * only file: one at a time, in slices between the rounds of the event loop.
 *
 * A slice takes a millisecond. While clients are served at the same time, a pause follows: three
 * milliseconds, or twelve when serving takes most of the time. For writes to keys that are not
 * written yet cost the more then, and a snapshot that takes longer costs less at a time. While
 * nobody is served, the next slice follows in the next round.
 *
 * Clients that want to change a value too large to be written at once wait here until it is; so do
 * those that need memory when only such values are left to be evicted.
 */
import { NULL } from '../arena/arena.ts'
import type { Command } from '../commands/command-table.ts'
import { keysOf } from '../commands/key-specs.ts'
import type { Database } from '../keyspace/database.ts'
import { afterRound } from '../platform/later.ts'
import type { Snapshot } from '../rdb/snapshot.ts'
import { Interrupted, type SnapshotFile } from '../rdb/snapshot-file.ts'
import type { Args } from '../resp/args.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

const SLICE_US = 1000
const PAUSE_MS = 3
const BUSY_PAUSE_MS = 12
/** The server is busy if serving takes this share of the time. */
const BUSY_SHARE = 0.4

export class BackgroundSnapshot {
  private readonly server: Server
  private file: SnapshotFile | null = null
  private whenOver: (failure: unknown) => void = () => {}
  /** When the last pause began, and what had been served by then. */
  private pausedUs = 0
  private commandsBefore = 0
  private servedUsBefore = 0
  private readonly held = new Set<Session>()
  /** Those of them that need room, and how many keys had been written when they were held. */
  private readonly heldForRoom = new Set<Session>()
  private savedBefore = 0

  constructor(server: Server) {
    this.server = server
  }

  /** Whether one is under way, or one that was given up is not over yet. */
  get isActive(): boolean {
    return this.file !== null
  }

  /** Keys written so far, and in all; 0 when none is under way. */
  get savedKeys(): number {
    return this.file?.snapshot.savedKeys ?? 0
  }

  get totalKeys(): number {
    return this.file?.snapshot.totalKeys ?? 0
  }

  /** Goes on with a snapshot until it is over. @param whenOver told what went wrong, or null */
  start(file: SnapshotFile, whenOver: (failure: unknown) => void): void {
    this.file = file
    this.whenOver = whenOver
    this.commandsBefore = this.server.commandsProcessed
    this.server.guard.update()
    afterRound(this.slice, file)
  }

  /**
   * Gives up the snapshot under way; when this returns, it is over, and another one may begin.
   * Those who wait go on soon after: this may be a part of somebody's turn.
   */
  interrupt(): void {
    const { file } = this
    if (file === null) return
    file.fail(new Interrupted('it was given up'))
    while (!file.snapshot.isDone) file.step(Number.POSITIVE_INFINITY)
    afterRound(() => this.resumeHeld())
    this.end(file)
  }

  /** Whether a request has to wait, since it would change a value that takes long to write. */
  holds(session: Session, command: Command, args: Args): boolean {
    const { file } = this
    if (file === null || !command.mayChange || !session.mayBlock) return false
    const { onlyKey } = command
    let isHeld = false
    if (onlyKey > 0) {
      isHeld = isKeyHeld(file.snapshot, session.db, args, onlyKey)
    } else {
      for (const { index } of keysOf(command.spec, args) ?? []) {
        if (isKeyHeld(file.snapshot, session.db, args, index)) isHeld = true
      }
    }
    if (isHeld) this.held.add(session)
    return isHeld
  }

  /**
   * Whether a request that there is no memory for has to wait: the only keys that could be evicted
   * are not written yet, and the first of them comes next.
   */
  holdsForRoom(session: Session): boolean {
    const { eviction } = this.server.memory
    if (this.file === null || !eviction.wasRefused || !session.mayBlock) return false
    this.heldForRoom.add(session)
    this.savedBefore = this.savedKeys
    return true
  }

  /** Whether a key has a large value that is not written yet; it is written next then. */
  needs(database: Database, args: Args, index: number): boolean {
    return this.file !== null && isKeyHeld(this.file.snapshot, database, args, index)
  }

  forget(session: Session): void {
    this.held.delete(session)
    this.heldForRoom.delete(session)
  }

  private readonly slice = (file: SnapshotFile): void => {
    const { server } = this
    if (file !== this.file) return
    if (file.canStep) {
      const { clock } = server
      const startUs = clock.monotonicMicroseconds()
      const savedBefore = file.snapshot.savedKeys
      // A delay between keys, which tests ask for, makes slices as short as they can be.
      const delayUs = Math.max(0, server.config.get('rdb-key-save-delay'))
      file.step(delayUs > 0 ? startUs : startUs + SLICE_US)
      server.noteTurn(clock.monotonicMicroseconds() - startUs)
      this.resumeHeld()
      if (file.isOver) return this.endAndResume(file)
      const delayMs = ((file.snapshot.savedKeys - savedBefore) * delayUs) / 1000
      if (delayMs > 0) return this.pause(file, Math.min(delayMs, 2 ** 31 - 1))
    } else if (file.isOver) {
      return this.endAndResume(file)
    } else {
      // Only the disk is waited for.
      return this.pause(file, 1)
    }
    const isWaitedFor = this.held.size > 0 || this.heldForRoom.size > 0
    const pauseMs = isWaitedFor ? 0 : this.pauseMs()
    if (pauseMs > 0) this.pause(file, pauseMs)
    else afterRound(this.slice, file)
  }

  /** How long to leave the thread to clients, by what they have taken of it since the last time. */
  private pauseMs(): number {
    const { server } = this
    const nowUs = server.clock.monotonicMicroseconds()
    const isServing = server.commandsProcessed !== this.commandsBefore
    const share = (server.readMicroseconds - this.servedUsBefore) / (nowUs - this.pausedUs)
    this.pausedUs = nowUs
    this.commandsBefore = server.commandsProcessed
    this.servedUsBefore = server.readMicroseconds
    if (!isServing) return 0
    return share > BUSY_SHARE ? BUSY_PAUSE_MS : PAUSE_MS
  }

  private pause(file: SnapshotFile, ms: number): void {
    setTimeout(this.slice, ms, file)
  }

  private end(file: SnapshotFile): void {
    this.file = null
    this.whenOver(file.failure)
  }

  private endAndResume(file: SnapshotFile): void {
    this.end(file)
    this.resumeHeld()
  }

  /** Has those that wait try again; who still has to is held again. Not to be called in a turn. */
  private resumeHeld(): void {
    resume(this.held)
    // To look for keys that may go takes long, and before more of them are written it is in vain.
    const isInVain = this.savedKeys === this.savedBefore && this.server.memory.isExceeded
    if (this.file === null || !isInVain) resume(this.heldForRoom)
  }
}

function resume(held: Set<Session>): void {
  if (held.size === 0) return
  const sessions = [...held]
  held.clear()
  for (const session of sessions) session.resume()
}

function isKeyHeld(snapshot: Snapshot, db: Database, args: Args, index: number): boolean {
  const entry = db.peek(args, index)
  return entry !== NULL && snapshot.holds(db, entry)
}
