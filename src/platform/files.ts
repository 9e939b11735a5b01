/**
 * The file system, as the engine sees it: the few operations that configuration and persistence
 * need, so that a test can break any of them. All of them throw Node's own system errors.
 *
 * What has been written is safe from a crash only after a sync: of the file for its bytes, of the
 * directory for its name. The operations named `…Later` work off the command thread and call back
 * in a later turn; on one file there is never more than one of them under way, nor any other
 * operation but `write` beside a `syncLater`, which then may or may not cover what is written.
 */
import fs from 'node:fs'
import { replaceInSteps, runNow } from './file-steps.ts'
import { afterRound } from './later.ts'

/** `open` begins an empty file, goes on behind the end of one, or only reads one. */
export type OpenMode = 'create' | 'append' | 'read'

/** Called when an operation off the command thread is done, or has failed. */
export type Done = (error: NodeJS.ErrnoException | null) => void

export interface OpenFile {
  readonly path: string
  /** Length in bytes. */
  size(): number
  /**
   * Reads into `bytes` from place `position` of the file, 1 GB at most.
   * @returns how many bytes there were
   */
  read(bytes: Uint8Array, start: number, length: number, position: number): number
  /** Writes at the end. @returns how many bytes were taken, which may be fewer than given */
  write(bytes: Uint8Array, start: number, end: number): number
  /** Cuts the file to `size` bytes; what is written next comes there. */
  truncate(size: number): void
  /** Waits until all that was written is on the disk (fdatasync). */
  sync(): void
  syncLater(done: Done): void
  /** Writes all of it at the end; `bytes` is not to be changed until then. */
  writeLater(bytes: Uint8Array, start: number, end: number, done: Done): void
  /** Whatever is under way is still done, and calls back. */
  close(): void
}

export interface Files {
  open(path: string, mode: OpenMode): OpenFile
  /** Gives a file another name, in place of an older file of that name. */
  rename(from: string, to: string): void
  /** The same off the command thread: the older file takes a while to go, if it is long. */
  renameLater(from: string, to: string, done: Done): void
  /** Makes the names in a directory safe: files created, renamed and removed. */
  syncDirectory(path: string): void
  /** The same off the command thread, for what has been done to the names by now. */
  syncDirectoryLater(path: string, done: Done): void
  /** Creates a directory, and those above it; one that is there already is left as it is. */
  makeDirectory(path: string): void
  /** Names of what a directory holds. */
  list(path: string): string[]
  readFile(path: string): Uint8Array
  /** Writes the whole file, made real by fsync before it takes the place of an older one. */
  replaceFile(path: string, content: Uint8Array): void
  writeFile(path: string, content: Uint8Array): void
  appendFile(path: string, content: Uint8Array): void
  exists(path: string): boolean
  isDirectory(path: string): boolean
  remove(path: string): void
  /** The same off the command thread: a long file takes a while to go. */
  removeLater(path: string, done: Done): void
}

/** What one call of the system moves at most; Node refuses 2 GB and more. */
const TRANSFER_BYTES = 1 << 30

const { O_CREAT, O_RDONLY, O_RDWR, O_TRUNC } = fs.constants
const FLAGS: Record<OpenMode, number> = {
  create: O_RDWR | O_CREAT | O_TRUNC,
  append: O_RDWR | O_CREAT,
  read: O_RDONLY,
}

/**
 * A file of the machine's disk. It knows itself where its end is, instead of by O_APPEND: Windows
 * lets nobody cut a file that is open for appending only. Nobody else may write to it.
 *
 * A descriptor that is closed while another thread uses it may by then be another file's, so that
 * `close` waits for what is under way.
 */
class SystemFile implements OpenFile {
  readonly path: string
  private readonly descriptor: number
  private end: number
  private underWay = 0
  private isClosing = false

  constructor(path: string, mode: OpenMode) {
    this.path = path
    this.descriptor = fs.openSync(path, FLAGS[mode], 0o644)
    try {
      this.end = this.size()
    } catch (error) {
      fs.closeSync(this.descriptor)
      throw error
    }
  }

  size(): number {
    return fs.fstatSync(this.descriptor).size
  }

  read(bytes: Uint8Array, start: number, length: number, position: number): number {
    const most = Math.min(length, TRANSFER_BYTES)
    return fs.readSync(this.descriptor, bytes, start, most, position)
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    const most = Math.min(end - start, TRANSFER_BYTES)
    const written = fs.writeSync(this.descriptor, bytes, start, most, this.end)
    this.end += written
    return written
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.descriptor, size)
    this.end = size
  }

  sync(): void {
    fs.fdatasyncSync(this.descriptor)
  }

  syncLater(done: Done): void {
    this.underWay++
    fs.fdatasync(this.descriptor, (error) => this.finish(error, done))
  }

  writeLater(bytes: Uint8Array, start: number, end: number, done: Done): void {
    this.underWay++
    const most = Math.min(end - start, TRANSFER_BYTES)
    fs.write(this.descriptor, bytes, start, most, this.end, (error, written) => {
      if (error === null) this.end += written
      if (error !== null || written >= end - start) return this.finish(error, done)
      this.underWay--
      this.writeLater(bytes, start + written, end, done)
    })
  }

  close(): void {
    if (this.underWay > 0) this.isClosing = true
    else fs.closeSync(this.descriptor)
  }

  private finish(error: NodeJS.ErrnoException | null, done: Done): void {
    this.underWay--
    if (this.isClosing) {
      this.isClosing = false
      fs.closeSync(this.descriptor)
    }
    done(error)
  }
}

/** Errors by which systems say that directories cannot be synced, as Redis passes over them. */
const WITHOUT_DIRECTORY_SYNC = new Set(['EBADF', 'EINVAL', 'EISDIR'])

function isWithoutDirectorySync(error: NodeJS.ErrnoException): boolean {
  return WITHOUT_DIRECTORY_SYNC.has(error.code ?? '')
}

/** The disk of the machine. */
export class SystemFiles implements Files {
  open(path: string, mode: OpenMode): OpenFile {
    return new SystemFile(path, mode)
  }

  rename(from: string, to: string): void {
    fs.renameSync(from, to)
  }

  renameLater(from: string, to: string, done: Done): void {
    fs.rename(from, to, done)
  }

  syncDirectory(path: string): void {
    // Windows can't open a directory, and needs no sync of one.
    if (process.platform === 'win32') return
    const directory = fs.openSync(path, 'r')
    try {
      fs.fsyncSync(directory)
    } catch (error) {
      if (!isWithoutDirectorySync(error as NodeJS.ErrnoException)) throw error
    } finally {
      fs.closeSync(directory)
    }
  }

  syncDirectoryLater(path: string, done: Done): void {
    if (process.platform === 'win32') {
      afterRound(done, null)
      return
    }
    fs.open(path, 'r', (openError, directory) => {
      if (openError !== null) return done(openError)
      fs.fsync(directory, (error) => {
        fs.closeSync(directory)
        done(error === null || isWithoutDirectorySync(error) ? null : error)
      })
    })
  }

  makeDirectory(path: string): void {
    fs.mkdirSync(path, { recursive: true })
  }

  list(path: string): string[] {
    return fs.readdirSync(path)
  }

  readFile(path: string): Uint8Array {
    return fs.readFileSync(path)
  }

  replaceFile(path: string, content: Uint8Array): void {
    runNow(replaceInSteps(this, path, content))
  }

  writeFile(path: string, content: Uint8Array): void {
    fs.writeFileSync(path, content)
  }

  appendFile(path: string, content: Uint8Array): void {
    fs.appendFileSync(path, content)
  }

  exists(path: string): boolean {
    return fs.existsSync(path)
  }

  isDirectory(path: string): boolean {
    return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  }

  removeLater(path: string, done: Done): void {
    fs.unlink(path, done)
  }

  remove(path: string): void {
    fs.rmSync(path, { force: true })
  }
}
