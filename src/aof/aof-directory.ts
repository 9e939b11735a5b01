/**
 * The directory of the append-only files, and every step that changes which files make up the log.
 *
 * Each step is made of file operations in such an order that a crash between any two of them, with
 * whatever was not yet synced lost, leaves a directory that loads: files are synced before their
 * names, names before a manifest that lists them, and nothing is deleted that a manifest which may
 * be on the disk still needs. docs/decisions/0007-append-only-log.md has the order as a table.
 *
 * A step is written once (`Steps`) and run at once while the server starts, or with its waits for
 * the disk off the command thread while it serves (`…Later`). One step is under way at a time:
 * whoever wants to begin another waits with `whenIdle`; without that it is refused.
 *
 * Names, numbers and the manifest are those of Redis 7.2 (aof.c).
 *
 * Invariant: when a new incremental file is written to, all files before it that the manifest lists
 * are whole and synced. So a torn end is legal only in the last file that holds anything.
 */
import { join } from 'node:path'
import { Crc64 } from '../bytes/crc64.ts'
import { errorMessage } from '../config/system-error.ts'
import {
  removal,
  renaming,
  replaceInSteps,
  runLater,
  runNow,
  type Steps,
  syncOfDirectory,
  syncOfFile,
} from '../platform/file-steps.ts'
import type { Files, OpenFile } from '../platform/files.ts'
import { AofError, type LogLine, systemFault } from './aof-error.ts'
import type { AppendLog, LogEnd } from './append-log.ts'
import { MAX_LINE_BYTES, writeChecksumLine } from './checksum-line.ts'
import { Manifest, type ManifestFile, parseManifest } from './manifest.ts'

export interface AofDirectoryOptions {
  files: Files
  /** The server's `dir`. */
  directory: string
  /** `appenddirname` and `appendfilename`. */
  directoryName: string
  fileName: string
  /** Whether new files and the manifest carry checksums. */
  hasChecksums: boolean
  log: LogLine
}

/** How the last file of the log ended when it was loaded. */
export interface LoadedEnd {
  name: string
  size: number
  /** Whether its batches carry checksums, up to its end. */
  isChecked: boolean
  /** Number of the next batch, and the checksum to go on from. */
  number: number
  checksum: bigint
}

/** A new incremental file that is ready to be gone on in. */
interface Prepared {
  readonly increment: ManifestFile
  readonly end: LogEnd
  /** Whether the manifest lists it already, behind the one that is being written. */
  readonly isListed: boolean
  /** There was no log before. */
  readonly isFirst: boolean
}

/** The file that a rewrite has begun. */
interface Rewrite {
  /** The new incremental file; null when the server keeps no log. */
  increment: ManifestFile | null
  /** Whether the manifest lists it already. */
  isListed: boolean
  /** There was no log before. */
  isFirst: boolean
}

export class AofDirectory {
  readonly path: string
  /** Where the snapshot of a rewrite is to be written, and synced, before `finishRewrite`. */
  readonly temporaryBasePath: string
  /** Whether files that are history are kept (`aof-disable-auto-gc`). */
  keepsHistory = false
  hasChecksums: boolean
  manifest = new Manifest()
  private readonly files: Files
  private readonly directory: string
  readonly fileName: string
  private readonly manifestName: string
  private readonly log: LogLine
  private prepared: Prepared | null = null
  private rewrite: Rewrite | null = null
  /** Whether a step is under way off the command thread. */
  isBusy = false
  private readonly waiting: (() => void)[] = []
  /** Whether the directory is known to be there, safely. */
  private isMade = false

  constructor(options: AofDirectoryOptions) {
    this.files = options.files
    this.directory = options.directory
    this.path = join(options.directory, options.directoryName)
    this.fileName = options.fileName
    this.manifestName = `${options.fileName}.manifest`
    this.temporaryBasePath = join(this.path, `temp-rewriteaof-bg-${process.pid}.aof`)
    this.hasChecksums = options.hasChecksums
    this.log = options.log
  }

  pathOf(name: string): string {
    return join(this.path, name)
  }

  /**
   * Reads the manifest. Without one it is empty, unless there is a log of Redis before 7 in `dir`,
   * which then becomes the base.
   *
   * @throws AofError for a manifest that is damaged or cannot be read
   */
  read(): Manifest {
    this.needIdle()
    const path = this.pathOf(this.manifestName)
    this.manifest = new Manifest()
    if (this.files.exists(path)) {
      this.manifest = parseManifest(this.readManifest(path), this.manifestName)
    }
    if (this.needsUpgrade()) this.run(this.upgrading())
    return this.manifest
  }

  private readManifest(path: string): Uint8Array {
    try {
      return this.files.readFile(path)
    } catch (error) {
      throw systemFault("Fatal error: can't open the AOF manifest", this.manifestName, error)
    }
  }

  /** Redis's rule: no log here yet, or a move that was begun and not ended. */
  private needsUpgrade(): boolean {
    if (!this.files.exists(join(this.directory, this.fileName))) return false
    const { base, increments } = this.manifest
    if (increments.length > 0) return false
    if (base === null) return true
    return base.name === this.fileName && !this.files.exists(this.pathOf(this.fileName))
  }

  private *upgrading(): Steps<void> {
    yield* this.making()
    const manifest = new Manifest()
    manifest.base = { name: this.fileName, sequence: 1, type: 'b', bytes: -1 }
    manifest.baseSequence = 1
    yield* this.persisting(manifest)
    try {
      yield renaming(this.files, join(this.directory, this.fileName), this.pathOf(this.fileName))
      yield syncOfDirectory(this.files, this.path)
      yield syncOfDirectory(this.files, this.directory)
    } catch (error) {
      throw systemFault('Error trying to move the old AOF file', this.fileName, error)
    }
    this.manifest = manifest
    this.log(
      'notice',
      `Successfully migrated an old-style AOF file (${this.fileName}) ` +
        `into the AOF directory (${this.path}).`,
    )
  }

  private needIdle(): void {
    if (!this.isBusy) return
    throw new AofError(`Another step is under way in the append-only dir ${this.path}`, '')
  }

  /** Does a step before it returns. */
  private run<Result>(steps: Steps<Result>): Result {
    this.needIdle()
    return runNow(steps)
  }

  /** Does a step with its waits off the command thread; then those that wait may begin theirs. */
  private runLater(steps: Steps<void>, done: (error: unknown) => void): void {
    this.needIdle()
    this.isBusy = true
    runLater(steps, (error) => {
      this.isBusy = false
      done(error)
      while (!this.isBusy && this.waiting.length > 0) this.waiting.shift()!()
    })
  }

  /** Calls when no step is under way: at once, or in a later turn. */
  whenIdle(then: () => void): void {
    if (this.isBusy) this.waiting.push(then)
    else then()
  }

  /** Creates the directory, and makes its name safe, unless this has been done before. */
  private *making(): Steps<void> {
    if (this.isMade) return
    try {
      this.files.makeDirectory(this.path)
      yield syncOfDirectory(this.files, this.directory)
      this.isMade = true
    } catch (error) {
      throw systemFault("Can't open or create append-only dir", this.path, error)
    }
  }

  /** Lengths of all files of the log together. @throws AofError when one is missing */
  totalBytes(): number {
    let sum = 0
    for (const file of this.manifest.files) sum += this.sizeOf(file.name)
    return sum
  }

  /** Length of a file. @throws AofError when it is not there */
  sizeOf(name: string): number {
    try {
      const file = this.files.open(this.pathOf(name), 'read')
      const size = file.size()
      file.close()
      return size
    } catch (error) {
      const reason = errorMessage(error)
      throw new AofError(`The length of the AOF file ${name} is not known: ${reason}`, name)
    }
  }

  /**
   * Opens the log after loading, to go on where it ended. What was loaded is synced first: nobody
   * is to see what a crash could still take away. A file that Redis wrote is left as it is, and a
   * new one begun, unless checksums are off; likewise one with checksums when they are off.
   *
   * @param loaded the end of the last file; null if there is none
   */
  openForAppend(loaded: LoadedEnd | null): LogEnd {
    return this.run(this.opening(loaded))
  }

  private *opening(loaded: LoadedEnd | null): Steps<LogEnd> {
    yield* this.making()
    const last = this.manifest.increments.at(-1)
    const isSame = last !== undefined && loaded !== null && loaded.name === last.name
    const fits = isSame && (loaded.size === 0 || loaded.isChecked === this.hasChecksums)
    for (const file of this.manifest.files) if (!fits || file !== last) this.syncFile(file.name)
    if (fits) return this.reopen(loaded)
    const next = this.manifest.copy()
    const before = next.increments.at(-1)
    if (before !== undefined && isSame) before.bytes = loaded.size
    const increment = next.addIncrement(this.fileName)
    const end = yield* this.creating(increment.name)
    yield* this.persisting(next)
    this.manifest = next
    this.log('notice', `Creating AOF incr file ${increment.name} on server start`)
    return end
  }

  private reopen(loaded: LoadedEnd): LogEnd {
    const { name, size, number, checksum } = loaded
    this.log('notice', `Opening AOF incr file ${name} on server start`)
    const file = this.attempt('open', name, () => this.files.open(this.pathOf(name), 'append'))
    if (file.size() !== size) {
      file.close()
      throw new AofError(`The AOF file ${name} has changed since it was loaded`, name)
    }
    const end = size === 0 ? this.firstLine(file) : { file, size, number, checksum }
    this.attempt('sync', name, () => {
      file.sync()
      this.files.syncDirectory(this.path)
    })
    return end
  }

  private syncFile(name: string): void {
    this.attempt('sync', name, () => {
      const file = this.files.open(this.pathOf(name), 'append')
      file.sync()
      file.close()
    })
  }

  /**
   * Begins an empty incremental file, real and under its name. One of that name, left by a crash
   * or a failure, is not emptied but removed: a sync of it may have failed.
   */
  private *creating(name: string): Steps<LogEnd> {
    const path = this.pathOf(name)
    let file: OpenFile | null = null
    try {
      if (this.files.exists(path)) this.files.remove(path)
      file = this.files.open(path, 'create')
      const end = this.firstLine(file)
      yield syncOfFile(file)
      yield syncOfDirectory(this.files, this.path)
      return end
    } catch (error) {
      file?.close()
      throw systemFault("Can't create the append-only file", name, error)
    }
  }

  /** The line of the empty batch 0, by which a file is known to have checksums. */
  private firstLine(file: OpenFile): LogEnd {
    if (!this.hasChecksums) return { file, size: 0, number: 0, checksum: 0n }
    const line = new Uint8Array(MAX_LINE_BYTES)
    const crc = new Crc64()
    const size = writeChecksumLine(line, 0, 0, 0, crc)
    for (let written = 0; written < size; ) written += file.write(line, written, size)
    return { file, size, number: 1, checksum: crc.value }
  }

  private attempt<T>(what: string, name: string, action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw systemFault(`Can't ${what} the append-only file`, name, error)
    }
  }

  private *persisting(manifest: Manifest): Steps<void> {
    const path = this.pathOf(this.manifestName)
    try {
      yield* replaceInSteps(this.files, path, manifest.toBytes(this.hasChecksums))
    } catch (error) {
      throw systemFault("Can't write the AOF manifest", this.manifestName, error)
    }
  }

  /** All that begins a rewrite, at once. @throws AofError */
  beginRewrite(log: AppendLog | null): void {
    this.run(this.preparing(log))
    this.switchLog(log)
    this.run(this.statingLength())
  }

  /**
   * Creates the incremental file in which the log is to go on, off the command thread. The log goes
   * on in the present one until `switchLog`; in between nobody else may begin a step.
   *
   * @param log null when the server keeps no log: only the base will be written
   * @param done told the AofError for which a rewrite cannot be begun, or null; in the same turn
   * when there is nothing to wait for
   */
  prepareRewriteLater(log: AppendLog | null, done: (error: unknown) => void): void {
    this.runLater(this.preparing(log), done)
  }

  /**
   * The manifest lists the new file behind the one that is being written, where it counts as
   * nothing while it is empty. It does not when there was no log before, or one that is not trusted
   * any more: then it will do so only when the base is there.
   */
  private *preparing(log: AppendLog | null): Steps<void> {
    yield* this.making()
    if (log === null) return
    const isFirst = !log.isOpen
    const isListed = !isFirst && log.state !== 'untrusted'
    if (this.prepared?.isListed && isListed) return
    this.dropPrepared()
    const next = this.manifest.copy()
    const leftOver = this.rewrite?.increment?.sequence ?? 0
    next.incrementSequence = Math.max(next.incrementSequence, leftOver)
    const increment = next.addIncrement(this.fileName)
    const end = yield* this.creating(increment.name)
    try {
      if (isListed) yield* this.persisting(next)
    } catch (error) {
      // The new manifest may be on the disk or not. So the file, which is empty, stays until a
      // later manifest is there, and its name is not given again.
      end.file.close()
      this.manifest.incrementSequence = increment.sequence
      this.manifest.history.push({ ...increment, type: 'h' })
      throw error
    }
    if (isListed) this.manifest = next
    this.prepared = { increment, end, isListed, isFirst }
  }

  /** Gives up what was prepared. A file that the manifest lists stays, as a part that is empty. */
  dropPrepared(): void {
    const { prepared } = this
    if (prepared === null) return
    this.prepared = null
    prepared.end.file.close()
    if (!prepared.isListed) this.removeFile(prepared.increment.name)
  }

  /**
   * Begins the rewrite that was prepared: the log goes on in the new file, once all of the one
   * before is on the disk. The snapshot has to be of this very moment. No sync of the log may be
   * under way, and little be unsynced (see `AppendLog.whenSynced`).
   *
   * @param log as given when the rewrite was prepared
   * @throws AofError when the log cannot be written; it then goes on as before, and what was
   * prepared is kept for the next rewrite
   */
  switchLog(log: AppendLog | null): void {
    this.needIdle()
    if (log === null) {
      this.rewrite = { increment: null, isListed: false, isFirst: false }
      return
    }
    const { prepared } = this
    if (prepared === null) throw new AofError('No AOF rewrite has been prepared', '')
    const { increment, end, isListed, isFirst } = prepared
    if (isListed) {
      if (!log.syncRest()) {
        const reason = log.errorText
        throw new AofError(
          `Can't begin an AOF rewrite, as the log cannot be written: ${reason}`,
          '',
        )
      }
      const before = this.manifest.increments.at(-2)
      if (before !== undefined) before.bytes = log.sizeBytes
    }
    const leftOver = this.rewrite
    this.prepared = null
    this.rewrite = { increment, isListed, isFirst }
    log.switchTo(end)
    if (leftOver?.increment != null && !leftOver.isListed) this.removeFile(leftOver.increment.name)
    this.log('notice', `Creating AOF incr file ${increment.name} on background rewrite`)
  }

  /** Behind `switchLog`: states in the manifest how long the file before is, off the thread. */
  stateLengthLater(): void {
    this.runLater(this.statingLength(), () => {})
  }

  private *statingLength(): Steps<void> {
    if (!this.rewrite?.isListed) return
    try {
      yield* this.persisting(this.manifest)
    } catch (error) {
      // Either manifest is right, and the next one states it again.
      this.log('warning', errorMessage(error))
    }
  }

  /** Whether a rewrite has been begun and neither finished nor abandoned. */
  get isRewriting(): boolean {
    return this.rewrite !== null
  }

  /**
   * Ends a rewrite, whose snapshot lies whole and synced at `temporaryBasePath`: it becomes the
   * base, and all before the new incremental file becomes history.
   *
   * @throws AofError when that fails; the log then goes on, and loads, without the new base. The
   * rewrite is still to be abandoned
   */
  finishRewrite(log: AppendLog | null, format: 'rdb' | 'aof'): void {
    this.run(this.finishing(log, format))
  }

  /**
   * The same off the command thread, once the step under way is over; the log goes on meanwhile.
   * `done` is told after the history is gone as well.
   */
  finishRewriteLater(
    log: AppendLog | null,
    format: 'rdb' | 'aof',
    done: (error: unknown) => void,
  ): void {
    this.whenIdle(() => this.runLater(this.finishing(log, format), done))
  }

  private *finishing(log: AppendLog | null, format: 'rdb' | 'aof'): Steps<void> {
    const rewrite = this.rewrite
    if (rewrite === null) throw new AofError('No AOF rewrite has been begun', '')
    const next = this.manifest.copy()
    if (rewrite.increment !== null && !rewrite.isListed) {
      next.increments.push(rewrite.increment)
      next.incrementSequence = rewrite.increment.sequence
    }
    const bytes = this.attempt('open', this.temporaryBasePath, () => {
      const file = this.files.open(this.temporaryBasePath, 'read')
      const size = file.size()
      file.close()
      return size
    })
    const base = next.addBase(this.fileName, format, bytes)
    next.retireIncrements(rewrite.increment === null ? 0 : 1)
    try {
      yield renaming(this.files, this.temporaryBasePath, this.pathOf(base.name))
      yield syncOfDirectory(this.files, this.path)
    } catch (error) {
      throw systemFault("Can't rename the temporary base to the append-only file", base.name, error)
    }
    try {
      yield* this.persisting(next)
    } catch (error) {
      // The new manifest may be on the disk or not. So the new base stays, as something that may
      // be deleted once a later manifest is there, and its name is not given again.
      this.manifest.baseSequence = next.baseSequence
      this.manifest.history.push({ ...base, type: 'h' })
      throw error
    }
    this.manifest = next
    this.rewrite = null
    log?.forgetRetired()
    this.log('notice', `The AOF base file ${base.name} has taken the place of those before it`)
    yield* this.deletingHistory()
  }

  /**
   * Gives up a rewrite. A new incremental file that the manifest lists stays part of the log. One
   * that it does not list goes: with it the log is closed, unless it stands in for one that is not
   * trusted; then the log stays untrusted, and a rewrite has to be begun anew.
   */
  abandonRewrite(log: AppendLog | null): void {
    const rewrite = this.rewrite
    this.removeFile(this.temporaryBasePath, true)
    if (rewrite === null) return
    if (rewrite.increment !== null && !rewrite.isListed) {
      if (!rewrite.isFirst) return
      log?.close()
      const { name } = rewrite.increment
      this.log('notice', `Removing the temp incr aof file ${name} in the background`)
      this.removeFile(name)
    }
    this.rewrite = null
  }

  private removeFile(name: string, isPath = false): void {
    try {
      this.files.remove(isPath ? name : this.pathOf(name))
    } catch (error) {
      this.log('warning', `Can't remove the file ${name}: ${errorMessage(error)}`)
    }
  }

  /** Deletes the files that are history. It matters to nobody if that fails. */
  private *deletingHistory(): Steps<void> {
    if (this.keepsHistory || this.manifest.history.length === 0) return
    for (const { name } of this.manifest.history) {
      this.log('notice', `Removing the history file ${name} in the background`)
      try {
        yield removal(this.files, this.pathOf(name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
        this.log('warning', `Can't remove the file ${name}: ${errorMessage(error)}`)
      }
    }
    const next = this.manifest.copy()
    next.history = []
    try {
      yield* this.persisting(next)
      this.manifest = next
    } catch (error) {
      this.log('warning', errorMessage(error))
    }
  }

  /** Deletes what has been kept as history, if it is not to be kept any more. */
  collectHistory(): void {
    this.whenIdle(() => this.run(this.deletingHistory()))
  }

  /** Removes what a crash may have left, once the log has been loaded and opened. */
  cleanUp(): void {
    this.run(this.cleaningUp())
  }

  private *cleaningUp(): Steps<void> {
    if (!this.files.isDirectory(this.path)) return
    // The manifest that was read may not be on the disk yet, and the one before still need files.
    try {
      yield syncOfDirectory(this.files, this.path)
    } catch (error) {
      throw systemFault("Can't sync the append-only file", this.path, error)
    }
    const temporary = [`${this.manifestName}.tmp-`, `temp-${this.manifestName}`, 'temp-rewriteaof-']
    for (const name of this.files.list(this.path)) {
      if (temporary.some((prefix) => name.startsWith(prefix))) this.removeFile(name)
    }
    const increment = `temp-${this.fileName}.incr`
    if (this.files.exists(this.pathOf(increment))) {
      this.log('notice', `Removing the temp incr aof file ${increment} in the background`)
      this.removeFile(increment)
    }
    yield* this.deletingHistory()
  }
}
