/**
 * Saving all data into one RDB file: SAVE, BGSAVE, save points, and what is known of the last save.
 *
 * A file becomes the new `dbfilename` when it is whole and on the disk, by being renamed; the one
 * before it is there until then. What BGSAVE has written gets its name off the command thread; a
 * SAVE that comes in between overtakes it. Log lines are those of Redis 7.2 where its users look
 * for them.
 */
import { join } from 'node:path'
import { errorMessage } from '../config/system-error.ts'
import { renaming, runLater, runNow, type Steps, syncOfDirectory } from '../platform/file-steps.ts'
import { Interrupted, SnapshotFile } from '../rdb/snapshot-file.ts'
import type { Server } from './server.ts'
import { baseFormat, rdbFormat } from './snapshot-formats.ts'

/** After a failure, save points wait so long before they try again. */
const RETRY_MS = 5000

export class Saves {
  /** Whether save points are followed: not before the data has been loaded. */
  followsSavePoints = false
  /** Unix time of the last save, or of the start. */
  lastSaveMs: number
  hasFailed = false
  /** How long the last BGSAVE took; -1 before the first. */
  lastDurationSeconds = -1
  /** Unix time at which the BGSAVE under way began; 0 if none is. */
  startedMs = 0
  /** How many saves have succeeded. */
  count = 0
  /** A BGSAVE is to begin when the rewrite under way is over. */
  isScheduled = false
  private lastTryMs = 0
  /** A file that gets its name off the command thread now; '' if there is none. */
  private installingPath = ''
  /** A file of the last save, while it is written; '' if there is none. */
  private lastPath = ''
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
    this.lastSaveMs = server.clock.nowMs
    // Whether writes are refused may follow from these.
    for (const name of ['save', 'stop-writes-on-bgsave-error'] as const) {
      server.config.onChange(name, () => server.guard.update())
    }
  }

  get isUnderWay(): boolean {
    return this.startedMs > 0 || this.installingPath !== ''
  }

  get path(): string {
    const { config } = this.server
    return join(config.get('dir'), config.get('dbfilename'))
  }

  private get temporaryPath(): string {
    const name = this.installingPath === '' ? 'temp-' : 'temp-save-'
    return join(this.server.config.get('dir'), `${name}${process.pid}.rdb`)
  }

  /**
   * A snapshot of now, into a file. @param isLogBase whether it is to begin an AOF
   *
   * @throws a system error if the file cannot be created
   */
  begin(path: string, isLogBase: boolean): SnapshotFile {
    const { config, files, keyspace } = this.server
    const { format, seal } = isLogBase ? baseFormat(this.server) : rdbFormat(this.server, false)
    return new SnapshotFile(keyspace, files, path, format, seal, config.get('rdbcompression'))
  }

  /** Saves everything before it returns. @returns whether that went well */
  save(): boolean {
    const { temporaryPath } = this
    try {
      const file = this.beginNow(temporaryPath)
      file.finish()
      return this.saved(temporaryPath, file.failure)
    } catch (error) {
      return this.saved(temporaryPath, error)
    }
  }

  /**
   * The same while the event loop goes on, and signals are heard; for a server that serves nobody.
   * @param then told whether that went well
   */
  saveInSlices(then: (isSaved: boolean) => void): void {
    const { server, temporaryPath } = this
    this.lastPath = temporaryPath
    const end = (failure: unknown): void => {
      this.lastPath = ''
      then(this.saved(temporaryPath, failure))
    }
    try {
      server.snapshots.start(this.beginNow(temporaryPath), end)
    } catch (error) {
      end(error)
    }
  }

  /** Leaves nothing of a save in slices, if there is one, before the process exits. */
  abandon(): void {
    if (this.lastPath !== '') this.discard(this.lastPath)
  }

  /** Begins a file in the place of whatever else is being saved. @throws as `begin` */
  private beginNow(path: string): SnapshotFile {
    this.server.snapshots.interrupt()
    this.overtake()
    return this.begin(path, false)
  }

  /** Gives a file its name if nothing went wrong. @returns whether it has got it */
  private saved(temporaryPath: string, failure: unknown): boolean {
    const { server } = this
    try {
      if (failure !== null) throw failure
      runNow(this.installing(temporaryPath))
    } catch (error) {
      this.discard(temporaryPath)
      server.log('warning', `Error while saving DB to disk: ${errorMessage(error)}`)
      return false
    }
    server.log('notice', 'DB saved on disk')
    this.succeeded(server.dirty)
    return true
  }

  /** Begins to save in the background. @returns whether that could be begun */
  saveInBackground(): boolean {
    const { server, temporaryPath } = this
    const { dirty } = server
    this.lastTryMs = server.clock.nowMs
    try {
      const file = this.begin(temporaryPath, false)
      this.startedMs = server.clock.nowMs
      server.log('notice', `Background saving started by pid ${process.pid}`)
      server.snapshots.start(file, (failure) => this.ended(temporaryPath, dirty, failure))
      return true
    } catch (error) {
      this.hasFailed = true
      server.guard.update()
      server.log('warning', `Can't save in background: ${errorMessage(error)}`)
      return false
    }
  }

  private ended(temporaryPath: string, dirtyAtStart: number, failure: unknown): void {
    if (failure !== null) return this.failed(temporaryPath, failure)
    this.installingPath = temporaryPath
    runLater(this.installing(temporaryPath), (error) => {
      const isOvertaken = this.startedMs === 0
      this.installingPath = ''
      if (isOvertaken) return
      if (error !== null) return this.failed(temporaryPath, error)
      const { server } = this
      this.over()
      server.log('notice', 'DB saved on disk')
      server.log('notice', 'Background saving terminated with success')
      this.succeeded(dirtyAtStart)
      server.guard.update()
    })
  }

  private failed(temporaryPath: string, error: unknown): void {
    const { server } = this
    this.over()
    this.discard(temporaryPath)
    if (error instanceof Interrupted) this.beginAnew()
    else this.hasFailed = true
    server.log('warning', `Background saving error: ${errorMessage(error)}`)
    server.guard.update()
  }

  private over(): void {
    this.lastDurationSeconds = Math.floor((this.server.clock.nowMs - this.startedMs) / 1000)
    this.startedMs = 0
  }

  /**
   * What is saved now is newer than the file that is getting its name. Either it has that name
   * when its old one has been removed, or it will never get it.
   */
  private overtake(): void {
    if (this.installingPath === '') return
    this.server.files.remove(this.installingPath)
    if (this.startedMs > 0) this.over()
  }

  /** After a save that was given up: whoever asked for it still wants one, if there is any data. */
  private beginAnew(): void {
    this.isScheduled ||= this.server.keyspace.databases.some((database) => database.count > 0)
  }

  /** After FLUSHALL, what was saved before is not to come back, nor what is being saved. */
  allRemoved(): void {
    const { server } = this
    if (this.isUnderWay) server.snapshots.interrupt()
    if (this.followsSavePoints && server.config.get('save').length > 0) this.save()
  }

  private *installing(temporaryPath: string): Steps<void> {
    const { config, files } = this.server
    const directory = config.get('dir')
    yield renaming(files, temporaryPath, this.path)
    yield syncOfDirectory(files, directory)
  }

  private discard(temporaryPath: string): void {
    try {
      this.server.files.remove(temporaryPath)
    } catch {
      // There may be none.
    }
  }

  private succeeded(dirtyAtStart: number): void {
    const { server } = this
    server.dirty -= dirtyAtStart
    this.lastSaveMs = server.clock.nowMs
    this.hasFailed = false
    this.count++
  }

  /** Begins what was put off, or what a save point asks for; ten times a second. */
  look(): void {
    const { server } = this
    if (server.snapshots.isActive || server.isLoading) return
    if (this.isUnderWay || server.appendOnly.isRewriting) return
    const { nowMs } = server.clock
    const mayTry = !this.hasFailed || nowMs - this.lastTryMs > RETRY_MS
    if (this.isScheduled && mayTry) {
      this.isScheduled = !this.saveInBackground()
      return
    }
    if (!this.followsSavePoints || !mayTry) return
    const sinceSeconds = (nowMs - this.lastSaveMs) / 1000
    for (const { changes, seconds } of server.config.get('save')) {
      if (server.dirty < changes || sinceSeconds <= seconds) continue
      server.log('notice', `${changes} changes in ${seconds} seconds. Saving...`)
      this.saveInBackground()
      return
    }
  }

  /** Whether writes are refused since the last save has failed. */
  get refusesWrites(): boolean {
    const { config } = this.server
    return (
      this.hasFailed && config.get('stop-writes-on-bgsave-error') && config.get('save').length > 0
    )
  }
}
