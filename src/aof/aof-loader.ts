/**
 * Loads the log that a manifest describes: base and incremental files, one after the other, in
 * steps. Every unit (log-walk.ts) is checked before any of it is done.
 *
 * What is done about a file that is not whole, with `aof-load-truncated`:
 *
 *   fault                                    yes                      no
 *   torn end of the last file with content   cut off and kept beside  refused
 *   torn end of any other file               refused                  refused
 *   anything wrong with whole batches behind refused                  refused
 *
 * A file after the torn one that holds nothing does not count: a crash can leave it when the file
 * before has not been synced yet. What is cut off is kept as `<name>.cut-<Unix ms>`.
 *
 * Errors and log lines hold the words of Redis 7.2 for the same faults.
 */
import { dirname } from 'node:path'
import { errorMessage } from '../config/system-error.ts'
import type { Clock } from '../platform/clock.ts'
import type { Files, OpenFile } from '../platform/files.ts'
import { Args } from '../resp/args.ts'
import type { AofDirectory, LoadedEnd } from './aof-directory.ts'
import { AofError, type LogLine, systemFault } from './aof-error.ts'
import { FIRST_LINE_BYTES } from './checksum-line.ts'
import { LogWalk } from './log-walk.ts'
import type { ManifestFile } from './manifest.ts'
import { RequestScan } from './request-scan.ts'

/** A snapshot at the start of a file, being loaded. */
export interface PreambleLoad {
  /** Loads on, about so many bytes. @returns true when it is done */
  step(budgetBytes: number): boolean
  /** How many bytes of the file it took, when it is done. */
  readonly position: number
}

/** Whom the log is loaded into. */
export interface LoadTarget {
  /**
   * Does a command; the arguments are valid until it returns. MULTI and EXEC do not come here: a
   * transaction is whole before its first command is done.
   *
   * @returns false if there is no such command
   */
  replay(args: Args): boolean
  /** Begins with the snapshot that a file opens with. */
  preamble(path: string): PreambleLoad
}

export interface AofLoaderOptions {
  files: Files
  directory: AofDirectory
  clock: Clock
  log: LogLine
  target: LoadTarget
  /** `aof-load-truncated` */
  loadsTruncated: boolean
}

const HASH = 0x23
const COPY_BYTES = 1024 * 1024
const SNAPSHOT_MAGIC = Buffer.from('REDIS')

export class AofLoader {
  /** Length of all files together. */
  readonly totalBytes: number
  /** How the last incremental file ended; null if there is none. For `openForAppend`. */
  end: LoadedEnd | null = null
  /** Whether some of the log had no checksums: Redis wrote it, and a rewrite would mend that. */
  hasUnchecked = false
  /** How many commands were done. */
  commandCount = 0
  private readonly options: AofLoaderOptions
  private readonly queue: ManifestFile[]
  private readonly sizes = new Map<string, number>()
  private current: FileLoad | null = null
  private finishedBytes = 0
  private startedUs = 0

  /** @throws AofError when a file of the manifest is missing, or shorter than it says */
  constructor(options: AofLoaderOptions) {
    this.options = options
    this.queue = options.directory.manifest.files
    let totalBytes = 0
    for (const file of this.queue) {
      const size = options.directory.sizeOf(file.name)
      if (size < file.bytes) {
        const lengths = `${size} bytes instead of ${file.bytes}`
        throw new AofError(
          `The AOF file ${file.name} has lost its end: ${lengths}`,
          file.name,
          size,
        )
      }
      this.sizes.set(file.name, size)
      totalBytes += size
    }
    this.totalBytes = totalBytes
  }

  /** How much has been loaded. */
  get loadedBytes(): number {
    return this.finishedBytes + (this.current?.offset ?? 0)
  }

  /**
   * Loads on, about so many bytes; a batch or a transaction is done in one step.
   *
   * @returns true when all is loaded
   * @throws AofError when the log is not to be loaded
   */
  step(budgetBytes: number): boolean {
    const goal = this.loadedBytes + budgetBytes
    while (this.loadedBytes < goal || this.current === null) {
      if (this.current === null && !this.openNext()) return true
      if (this.current!.step(goal - this.loadedBytes)) this.finishFile()
    }
    return false
  }

  private openNext(): boolean {
    const file = this.queue.shift()
    if (file === undefined) return false
    const { clock } = this.options
    this.startedUs = clock.monotonicMicroseconds()
    this.current = new FileLoad(
      this.options,
      file,
      this.queue.every((next) => this.isVoid(next)),
    )
    return true
  }

  /** Whether a file holds no batch and no command. */
  private isVoid(file: ManifestFile): boolean {
    const size = this.sizes.get(file.name)!
    if (size === 0) return true
    if (size > FIRST_LINE_BYTES) return false
    const handle = this.options.files.open(this.options.directory.pathOf(file.name), 'read')
    const walk = new LogWalk(handle)
    let result = walk.next()
    while (result === 'unit' && walk.bytes[walk.unitStart] === HASH) result = walk.next()
    handle.close()
    return result === 'end' || result === 'torn'
  }

  private finishFile(): void {
    const { current } = this
    const { file } = current!
    this.commandCount += current!.commandCount
    if (current!.hasUnchecked) this.hasUnchecked = true
    if (file.type === 'i') this.end = current!.end
    this.finishedBytes += this.sizes.get(file.name)!
    this.current = null
    const seconds = (this.options.clock.monotonicMicroseconds() - this.startedUs) / 1e6
    const kind = file.type === 'b' ? 'base' : 'incr'
    this.options.log(
      'notice',
      `DB loaded from ${kind} file ${file.name}: ${seconds.toFixed(3)} seconds`,
    )
  }

  /** Gives up: closes what is open. */
  close(): void {
    this.current?.close()
  }
}

/** One file, being loaded. */
class FileLoad {
  readonly file: ManifestFile
  commandCount = 0
  hasUnchecked = false
  end: LoadedEnd | null = null
  private readonly options: AofLoaderOptions
  private readonly path: string
  private readonly mayBeTorn: boolean
  private readonly handle: OpenFile
  private preamble: PreambleLoad | null = null
  private walk: LogWalk | null = null
  private readonly scan = new RequestScan()
  private readonly args = new Args()
  private isClosed = false

  /** @param mayBeTorn whether nothing that counts comes after this file */
  constructor(options: AofLoaderOptions, file: ManifestFile, mayBeTorn: boolean) {
    this.options = options
    this.file = file
    this.mayBeTorn = mayBeTorn
    this.path = options.directory.pathOf(file.name)
    try {
      this.handle = options.files.open(this.path, 'read')
    } catch (error) {
      throw systemFault("Fatal error: can't open the append log file", file.name, error)
    }
    const magic = new Uint8Array(SNAPSHOT_MAGIC.length)
    this.handle.read(magic, 0, magic.length, 0)
    if (SNAPSHOT_MAGIC.equals(magic)) this.beginPreamble()
    else this.walk = new LogWalk(this.handle)
  }

  private beginPreamble(): void {
    const isBase = this.file.name !== this.options.directory.fileName
    const what = isBase ? 'Reading RDB base file on' : 'Reading RDB preamble from'
    this.options.log('notice', `${what} AOF loading...`)
    this.preamble = this.options.target.preamble(this.path)
  }

  get offset(): number {
    return this.walk?.endOffset ?? this.preamble?.position ?? 0
  }

  /** @returns true when the file is done */
  step(budgetBytes: number): boolean {
    const goal = this.offset + budgetBytes
    if (this.walk === null) {
      if (!this.preamble!.step(budgetBytes)) return false
      this.walk = new LogWalk(this.handle, this.preamble!.position)
    }
    const { walk } = this
    do {
      const result = walk.next()
      if (result === 'unit') this.replayUnit(walk)
      else {
        if (result === 'damaged') throw this.damaged(walk)
        const size = result === 'torn' ? this.cut(walk) : walk.size
        this.finish(walk, size)
        return true
      }
    } while (walk.endOffset < goal)
    return false
  }

  private replayUnit(walk: LogWalk): void {
    const { args, scan } = this
    const { bytes, unitEnd } = walk
    args.bytes = bytes
    args.view = walk.view
    for (let i = 0, first = 0; i < walk.requestCount; i++) {
      const count = walk.counts[i]
      args.take(walk.args, first, count)
      first += count
      this.replay(walk, args)
    }
    for (let at = walk.keptEnd; at < unitEnd; ) {
      const isComment = bytes[at] === HASH
      at = scan.next(bytes, at, unitEnd, args)
      if (!isComment) this.replay(walk, args)
    }
  }

  private replay(walk: LogWalk, args: Args): void {
    if (args.count === 1 && isTransactionMark(args)) return
    this.commandCount++
    if (!this.options.target.replay(args)) throw this.unknown(walk)
  }

  private unknown(walk: LogWalk): AofError {
    const { name } = this.file
    const command = this.args.text(0).slice(0, 128)
    return this.refuse(
      `Unknown command '${command}' reading the append only file ${name}`,
      walk.offset,
    )
  }

  private damaged(walk: LogWalk): AofError {
    const where = `${this.file.name}: at offset ${walk.offset} ${walk.reason}`
    const what = `Bad file format reading the append only file ${where}`
    return this.refuse(`${what}. ${ADVICE}`, walk.offset)
  }

  private refuse(message: string, offset: number): AofError {
    this.close()
    return new AofError(message, this.file.name, offset)
  }

  /** Cuts off a torn end, if that may be. @returns how much is left of the file */
  private cut(walk: LogWalk): number {
    const { name } = this.file
    const { offset } = walk
    const { log, loadsTruncated } = this.options
    if (walk.isInMulti) {
      log('warning', `Revert incomplete MULTI/EXEC transaction in AOF file ${name}`)
    }
    const what = `Unexpected end of file reading the append only file ${name}`
    if (!this.mayBeTorn) {
      const why = `${walk.reason}. Fatal error: the truncated file is not the last file`
      throw this.refuse(`${what}: at offset ${offset} ${why}`, offset)
    }
    if (!loadsTruncated) {
      const why = `${walk.reason}. ${ADVICE}, or set aof-load-truncated to yes`
      throw this.refuse(`${what}: at offset ${offset} ${why}`, offset)
    }
    log('warning', `!!! Warning: short read while loading the AOF file ${name}!!! ${walk.reason}`)
    log('warning', `!!! Truncating the AOF ${name} at offset ${offset} !!!`)
    this.handle.close()
    this.isClosed = true
    cutFile(this.options.files, this.path, offset, this.options.clock.nowMs)
    log('warning', `AOF ${name} loaded anyway because aof-load-truncated is enabled`)
    return offset
  }

  private finish(walk: LogWalk, size: number): void {
    this.close()
    const { isChecked, number, checksum } = walk
    this.hasUnchecked = !isChecked && size > (this.preamble?.position ?? 0)
    this.end = { name: this.file.name, size, isChecked, number, checksum }
  }

  close(): void {
    if (!this.isClosed) this.handle.close()
    this.isClosed = true
  }
}

const ADVICE = 'Make a copy of it, then use redstart check-aof --fix <filename.manifest>'

function isTransactionMark(args: Args): boolean {
  return args.is(0, 'multi') || args.is(0, 'exec')
}

/**
 * Cuts a file at an offset, when what is cut off is safe beside it.
 *
 * @param nowMs Unix time, for the copy's name, which is this function's answer
 * @throws AofError when either fails; the file is then as it was, or cut
 */
export function cutFile(files: Files, path: string, offset: number, nowMs: number): string {
  const copyPath = `${path}.cut-${nowMs}`
  try {
    const file = files.open(path, 'append')
    const copy = files.open(copyPath, 'create')
    const size = file.size()
    const bytes = new Uint8Array(Math.min(COPY_BYTES, size - offset))
    for (let at = offset; at < size; ) {
      const count = file.read(bytes, 0, Math.min(bytes.length, size - at), at)
      for (let written = 0; written < count; ) written += copy.write(bytes, written, count)
      at += count
    }
    copy.sync()
    copy.close()
    files.syncDirectory(dirname(path))
    file.truncate(offset)
    file.sync()
    file.close()
    return copyPath
  } catch (error) {
    throw new AofError(
      `Error truncating the AOF file ${path}: ${errorMessage(error)}`,
      path,
      offset,
    )
  }
}
