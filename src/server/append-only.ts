/**
 * The append only file as the server uses it: on and off, what is written at the end of each round,
 * rewrites, and what becomes of writers while the disk fails (aof/ has the files themselves).
 *
 * A rewrite begins a new incremental file and a snapshot at the same moment; when the snapshot is
 * whole, it takes the place of all that was before. The same is done when the log is turned on, and
 * when a sync has failed, after which the old files are not trusted.
 *
 * What waits for the disk is done off the command thread: the new file is made before that moment,
 * while the log goes on in the old one, and the base put in place while it goes on in the new one.
 * Writers wait for the last sync before that moment, so that little or nothing has to be synced
 * then.
 */
import { AofDirectory, type LoadedEnd } from '../aof/aof-directory.ts'
import { AofError } from '../aof/aof-error.ts'
import { AppendLog } from '../aof/append-log.ts'
import { errorMessage } from '../config/system-error.ts'
import { sleepMs } from '../platform/clock.ts'
import { Interrupted } from '../rdb/snapshot-file.ts'
import type { Server } from './server.ts'

/** After a failed rewrite, the next is begun no sooner. */
const RETRY_MS = 5000
const RETRY_MAX_MS = 60 * 60 * 1000
/** After so many failures in a row, retries come ever later. */
const RETRIES_AT_ONCE = 3

/**
 * How far a rewrite is: its incremental file is made and the log synced, its snapshot is taken, its
 * files are put in place.
 */
type Phase = 'none' | 'preparing' | 'snapshot' | 'finishing'

export class AppendOnly {
  readonly log: AppendLog
  directory: AofDirectory | null = null
  /** A rewrite is to begin as soon as nothing is in its way. */
  isScheduled = false
  hasRewriteFailed = false
  /** Failures in a row. */
  failures = 0
  rewrites = 0
  lastRewriteSeconds = -1
  /** Unix time at which the rewrite under way began; 0 if none is. */
  startedMs = 0
  /** Length of all files after the last rewrite or the load: what growth is measured by. */
  baseBytes = 0
  /** DEBUG AOF-FLUSH-SLEEP: every write to the log takes so much longer. */
  flushSleepUs = 0
  /** How long writes to the log, and syncs that replies wait for, have taken. */
  flushMicroseconds = 0
  private lastTryMs = 0
  /** Bytes in the files before the one that is being written. */
  private earlierBytes = 0
  private phase: Phase = 'none'
  /** Writers wait for the last sync before the log goes on in another file. */
  holdsWriters = false
  /** Counts preparations, and those given up: who waits for an older one has come too late. */
  private attempt = 0
  /** The rewrite under way writes the first base of a log that is being turned on. */
  isInitial = false
  /** The directive `dir` as it was when `directory` was opened. */
  private openedDir = ''
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
    this.log = new AppendLog(server.clock, (level, text) => server.log(level, text))
    this.log.timer = server.latency
    this.followConfig()
  }

  private followConfig(): void {
    const { log } = this
    const { config } = this.server
    log.hasChecksums = config.get('aof-checksums')
    const follow = () => {
      log.policy = config.get('appendfsync')
      log.hasTimestamps = config.get('aof-timestamp-enabled')
      if (this.directory === null) return
      this.directory.keepsHistory = config.get('aof-disable-auto-gc')
      this.directory.collectHistory()
    }
    config.onChange('appendfsync', follow)
    config.onChange('aof-timestamp-enabled', follow)
    config.onChange('aof-disable-auto-gc', follow)
    config.onApply(['appendonly'], () => this.apply())
    // A log is written in one way from its first line on; CONFIG SET of what it is is no change.
    config.onApply(['aof-checksums'], () =>
      config.get('aof-checksums') === log.hasChecksums ? null : 'can be set at the start only',
    )
    follow()
  }

  /** Whether a rewrite is under way, from the request on until its files are in place. */
  get isRewriting(): boolean {
    return this.phase !== 'none'
  }

  /** Whether files are being put in place, so that the directory cannot be read. */
  get isChangingFiles(): boolean {
    return this.directory?.isBusy ?? false
  }

  /** Length of all files together. */
  get currentBytes(): number {
    return this.earlierBytes + this.log.sizeBytes
  }

  /**
   * The directory as the configuration says, opened on first use. A log that is being written stays
   * where it is when `dir` changes; the next one begins in the new place.
   */
  open(): AofDirectory {
    const { config, files } = this.server
    const isKept = this.log.isOpen || this.isRewriting || this.openedDir === config.get('dir')
    if (this.directory !== null && isKept) return this.directory
    this.openedDir = config.get('dir')
    this.directory = new AofDirectory({
      files,
      directory: config.get('dir'),
      directoryName: config.get('appenddirname'),
      fileName: config.get('appendfilename'),
      hasChecksums: config.get('aof-checksums'),
      log: (level, text) => this.server.log(level, text),
    })
    this.directory.keepsHistory = config.get('aof-disable-auto-gc')
    return this.directory
  }

  /** Begins a log where there was none, with a base of all the data there is. @throws AofError */
  startNew(): void {
    const { log, server } = this
    const directory = this.open()
    directory.beginRewrite(log)
    const file = server.saves.begin(directory.temporaryBasePath, true)
    file.finish()
    if (file.failure !== null) {
      directory.abandonRewrite(log)
      throw new AofError(`Can't write the base of the AOF: ${errorMessage(file.failure)}`, '')
    }
    directory.finishRewrite(log, file.snapshot.format.suffix)
    this.startLogging()
  }

  /** Goes on with the log that has been loaded. @throws AofError */
  goOn(end: LoadedEnd | null, hasUnchecked: boolean): void {
    const { log, server } = this
    const directory = this.open()
    log.switchTo(directory.openForAppend(end))
    directory.cleanUp()
    this.startLogging()
    if (!hasUnchecked || !log.hasChecksums) return
    server.log(
      'warning',
      'The append only file has parts without checksums, in which damage is not seen; it is ' +
        'rewritten with them now.',
    )
    this.isScheduled = true
  }

  /** From now on everything is logged. */
  private startLogging(): void {
    const { propagation } = this.server
    propagation.clear()
    propagation.start()
    this.measure()
  }

  /** Takes the lengths of all files anew. */
  private measure(): void {
    try {
      this.earlierBytes = this.directory!.totalBytes() - this.log.sizeBytes
    } catch {
      this.earlierBytes = 0
    }
    this.baseBytes = this.currentBytes
  }

  /** Writes what the round has changed. To be called before any of its replies leaves. */
  flush(): void {
    const { log, server } = this
    const { propagation } = server
    // What could not be written before, `look` tries again: those who only read do not wait for it.
    if (propagation.length === 0) return
    log.append(propagation.bytes, propagation.view, 0, propagation.length)
    propagation.clear()
    if (this.flushSleepUs > 0) sleepMs(this.flushSleepUs / 1000)
    log.hasCompany = server.snapshots.isActive
    const startUs = server.clock.monotonicMicroseconds()
    const isDone = log.flush()
    this.flushMicroseconds += server.clock.monotonicMicroseconds() - startUs
    if (isDone) return
    server.guard.update()
    if (log.policy === 'always') this.refuseAcknowledgement()
  }

  /**
   * Writes what the round has changed and, behind it, requests as they are: the log has all of it
   * or nothing.
   *
   * @param requests RESP, the first of which selects its database
   */
  appendRequests(requests: Uint8Array): void {
    const { log, server } = this
    const { propagation } = server
    const view = new DataView(requests.buffer, requests.byteOffset, requests.byteLength)
    log.append(propagation.bytes, propagation.view, 0, propagation.length)
    propagation.clear()
    propagation.selectAnew()
    log.append(requests, view, 0, requests.length)
    if (!log.flush()) server.guard.update()
  }

  /** With `always`, nobody is told that something is done which is not on the disk. */
  private refuseAcknowledgement(): void {
    this.server.output.dropUnsent()
    if (this.log.state === 'untrusted') this.giveUp()
  }

  /** Ends the process: what the log holds after a failed sync is not known. */
  private giveUp(): void {
    const { log, server } = this
    server.log(
      'warning',
      "Can't recover from AOF write error when the AOF fsync policy is 'always': " +
        `${log.errorText}. Exiting...`,
    )
    server.crashListener?.(1)
  }

  /** Ten times a second: what is due of writing, syncing and rewriting. */
  look(): void {
    const { log, server } = this
    if (server.isLoading) return
    if (server.propagation.length > 0) this.flush()
    log.tick()
    if (log.policy === 'always' && log.state === 'untrusted') return this.giveUp()
    if (this.isRewriting || server.snapshots.isActive) return
    const { nowMs } = server.clock
    if (nowMs - this.lastTryMs < this.retryMs) return
    if (this.isScheduled || log.state === 'untrusted') this.rewrite()
    else if (log.isOpen) this.rewriteIfGrown()
  }

  private get retryMs(): number {
    if (this.failures === 0) return 0
    const doublings = Math.max(0, this.failures - RETRIES_AT_ONCE)
    return Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** Math.min(doublings, 20))
  }

  private rewriteIfGrown(): void {
    const { config } = this.server
    const percentage = config.get('auto-aof-rewrite-percentage')
    if (percentage === 0 || this.currentBytes < config.get('auto-aof-rewrite-min-size')) return
    const growth = (this.currentBytes * 100) / (this.baseBytes || 1) - 100
    if (growth < percentage) return
    this.server.log(
      'notice',
      `Starting automatic rewriting of AOF on ${Math.floor(growth)}% growth`,
    )
    this.rewrite()
  }

  /** Begins a rewrite: as soon as its new file is there, and the log has been synced. */
  rewrite(): void {
    const { server } = this
    const directory = this.open()
    const isLogged = server.config.get('appendonly')
    const log = isLogged ? this.log : null
    const attempt = ++this.attempt
    this.isScheduled = false
    this.isInitial = isLogged && !this.log.isOpen
    this.phase = 'preparing'
    this.lastTryMs = server.clock.nowMs
    directory.whenIdle(() => {
      if (attempt !== this.attempt) return
      directory.prepareRewriteLater(log, (error) => {
        if (attempt !== this.attempt) return directory.dropPrepared()
        if (error !== null) return this.failed(error)
        this.whenUnwritten(attempt, () => {
          if (attempt !== this.attempt) {
            if (this.phase === 'none') directory.dropPrepared()
            return
          }
          this.begin(directory, log)
          this.hold(false)
        })
      })
    })
  }

  /**
   * Calls when the log is synced and, but for what writes by itself, nobody has written since. Most
   * is synced while all are served; while the rest is, writers wait, but nobody else.
   */
  private whenUnwritten(attempt: number, then: () => void): void {
    const { log } = this
    log.whenSynced(() => {
      this.flush()
      if (attempt !== this.attempt || log.isSafe) return then()
      this.hold(true)
      log.whenSynced(then)
    })
  }

  private hold(holdsWriters: boolean): void {
    if (this.holdsWriters === holdsWriters) return
    this.holdsWriters = holdsWriters
    this.server.guard.update()
  }

  /** Begins at once, with a new log. @returns whether that went well */
  private beginFirst(): boolean {
    const directory = this.open()
    this.attempt++
    this.isScheduled = false
    this.isInitial = true
    this.lastTryMs = this.server.clock.nowMs
    this.begin(directory, this.log, true)
    return this.log.isOpen
  }

  /**
   * The moment at which the log goes on in its new file, and of which the snapshot is.
   *
   * @param log null when what will be written is a base alone
   * @param isUnprepared whether everything before that moment is still to be done
   */
  private begin(directory: AofDirectory, log: AppendLog | null, isUnprepared = false): void {
    const { server } = this
    const { config, propagation } = server
    // A save may have begun meanwhile; there is never more than one snapshot.
    if (server.snapshots.isActive) {
      this.phase = 'none'
      this.isInitial = false
      this.isScheduled = true
      return
    }
    try {
      if (this.log.isOpen) this.flush()
      if (isUnprepared) directory.beginRewrite(log)
      else directory.switchLog(log)
      if (this.isInitial) propagation.start()
      propagation.selectAnew()
      const file = server.saves.begin(directory.temporaryBasePath, true)
      this.phase = 'snapshot'
      this.startedMs = server.clock.nowMs
      this.log.pausesSyncs = config.get('no-appendfsync-on-rewrite')
      server.log('notice', `Background append only file rewriting started by pid ${process.pid}`)
      const { suffix } = file.snapshot.format
      server.snapshots.start(file, (failure) => this.ended(suffix, failure))
    } catch (error) {
      return this.failed(error)
    }
    if (!isUnprepared) directory.stateLengthLater()
  }

  private ended(suffix: 'rdb' | 'aof', failure: unknown): void {
    const { log, server } = this
    log.pausesSyncs = false
    if (failure !== null) return this.failed(failure)
    this.phase = 'finishing'
    this.directory!.finishRewriteLater(log, suffix, (error) => {
      if (error === null) this.succeeded()
      else this.failed(error)
    })
    server.guard.update()
  }

  private succeeded(): void {
    const { server } = this
    this.over()
    this.hasRewriteFailed = false
    this.failures = 0
    this.rewrites++
    this.measure()
    server.log('notice', 'Background AOF rewrite finished successfully')
  }

  private over(): void {
    const { server } = this
    if (this.startedMs > 0) {
      this.lastRewriteSeconds = Math.floor((server.clock.nowMs - this.startedMs) / 1000)
    }
    this.startedMs = 0
    this.phase = 'none'
    this.isInitial = false
    this.holdsWriters = false
    server.guard.update()
  }

  private failed(error: unknown): void {
    const { server } = this
    if (error instanceof Interrupted) {
      this.isScheduled = server.config.get('appendonly')
    } else {
      this.hasRewriteFailed = true
      this.failures++
    }
    this.directory!.abandonRewrite(this.log)
    this.over()
    if (!this.log.isOpen) server.propagation.stop()
    server.log('warning', `Background AOF rewrite terminated with error: ${errorMessage(error)}`)
  }

  /** Does what the directive `appendonly` says now. @returns what is wrong, or null */
  apply(): string | null {
    const { log, server } = this
    if (server.isLoading) return null
    if (!server.config.get('appendonly')) this.turnOff()
    else if (!log.isOpen) return this.turnOn()
    return null
  }

  /** A new log begins with a base of all that there is. */
  private turnOn(): string | null {
    const isFree = this.phase === 'none' || this.phase === 'preparing'
    if (this.server.snapshots.isActive || this.isChangingFiles || !isFree) {
      this.attempt += this.phase === 'preparing' ? 1 : 0
      this.phase = isFree ? 'none' : this.phase
      this.isScheduled = true
      return null
    }
    return this.beginFirst() ? null : 'Unable to turn on AOF. Check server logs.'
  }

  /** The files stay as they are. */
  private turnOff(): void {
    const { log, server } = this
    if (this.isRewriting) server.log('notice', 'Killing the AOF rewrite under way (no child)')
    if (this.phase === 'snapshot') server.snapshots.interrupt()
    // Files that are being put in place are: they are whole.
    else if (this.phase === 'preparing') this.giveUpPreparing()
    this.flush()
    log.close()
    server.propagation.stop()
    this.isScheduled = false
  }

  /** What has been made for it goes when the disk is done with it. */
  private giveUpPreparing(): void {
    this.attempt++
    this.over()
  }

  /** Before the end of the process: calls when all is written and synced, or cannot be. */
  whenSafe(then: (isSafe: boolean) => void): void {
    const { log, server } = this
    if (!log.isOpen) return then(true)
    server.log('notice', 'Calling fsync() on the AOF file.')
    if (this.phase === 'preparing') {
      // If the process does not end after all, it is begun again.
      this.giveUpPreparing()
      this.isScheduled = true
    }
    log.whenSynced(() => {
      this.flush()
      then(log.syncRest())
    })
  }

  /**
   * Lets go of all files, in a process that goes on: after `whenSafe`, when nothing is written any
   * more. Calls when nothing is under way in the directory.
   */
  close(then: () => void): void {
    this.turnOff()
    if (this.directory === null) then()
    else this.directory.whenIdle(then)
  }

  /** What writes are refused with since they could not be logged; null when all is well. */
  get refusal(): string | null {
    const { log } = this
    return log.state === 'failing' || log.state === 'untrusted' ? log.errorText : null
  }
}
