/**
 * A disk in memory that a test can fill, break and cut the power of.
 *
 *   const disk = new SimulatedDisk({ directories: ['/data'] })
 *   disk.failNext('sync', 'EIO')               // the next sync fails
 *   disk.failAt(17, 'ENOSPC')                  // the operation of that number fails
 *   disk.capacityBytes = 4096                  // then writes come back short, and ENOSPC
 *   disk.onOperation = () => { for (const after of crashStates(disk)) … }
 *   disk.settle()                              // what was begun with …Later is done now
 *
 * Every operation has a number, from 1, and an entry in `journal`; what is put together from
 * smaller ones (`replaceFile`) is journalled as those. An operation that is made to fail changes
 * nothing. A sync that fails leaves its file doubtful for ever, as on a real system.
 *
 * What is safe from a crash: a file's bytes by a sync of the file; a name (made, moved or removed)
 * by `syncDirectory` of the directory that it is in, and by nothing else. That is the `strict`
 * model. In the `ext4` model all changes of names are in one journal that any sync writes out, so
 * that they survive in the order in which they were made. crash-states.ts makes the disks that a
 * crash may leave, by either.
 *
 * The disk also minds its manners for the caller: an operation on a closed file, or one beside
 * another that is under way where `Files` forbids it, throws.
 */
import { posix } from 'node:path'
import { replaceInSteps, runNow } from '../../src/platform/file-steps.ts'
import type { Done, Files, OpenFile, OpenMode } from '../../src/platform/files.ts'
import { Random } from '../../src/platform/random.ts'
import { SimulatedContent } from './simulated-file.ts'

export type OperationKind =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'close'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'makeDirectory'
  | 'list'

export interface Operation {
  readonly number: number
  readonly kind: OperationKind
  readonly path: string
  /** The code that it failed with, '' when it was done. */
  error: string
}

/** A name that came, went or now means another file; what belongs together has one number. */
export interface NameChange {
  readonly number: number
  readonly path: string
  readonly before: SimulatedNode | undefined
  readonly after: SimulatedNode | undefined
}

export type SimulatedNode = SimulatedContent | 'directory'
export type Names = Map<string, SimulatedNode>

interface Later {
  readonly run: () => void
  readonly done: Done
}

export interface DiskOptions {
  /** Directories that are there, safely, with those above them. */
  directories?: string[]
  /** Seed of the places at which short writes stop. */
  seed?: number
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

/** One form for every way to write a path, on every system. */
function normalize(path: string): string {
  const slashes = process.platform === 'win32' ? path.replace(/^[a-z]:/i, '') : path
  return posix.resolve('/', slashes.split('\\').join('/'))
}

export class SimulatedDisk implements Files {
  /** What a reader sees. */
  readonly names: Names = new Map([['/', 'directory']])
  /** What the strict model keeps, and what it may lose of it. */
  readonly strictNames: Names = new Map([['/', 'directory']])
  strictChanges: NameChange[] = []
  /** What the journal of the ext4 model holds on the disk, and what not yet. */
  journalledNames: Names = new Map([['/', 'directory']])
  unjournalled: NameChange[] = []

  readonly journal: Operation[] = []
  /** The error code that any use of a path meets. */
  readonly broken = new Map<string, string>()
  /** Called when an operation is over, done or failed. What it does itself is not reported. */
  onOperation: ((operation: Operation) => void) | null = null
  /** All bytes that the disk can hold. */
  capacityBytes = Number.POSITIVE_INFINITY
  /** Whether writes take only a part of what they are given. */
  writesAreShort = false
  /** `held`: what is begun with …Later waits for `settle`. `soon`: it is done in a microtask. */
  later: 'held' | 'soon' = 'held'
  readonly openFiles = new Set<OpenFile>()

  private readonly random: Random
  private readonly faultsByNumber = new Map<number, string>()
  private readonly faultsByKind: { kind: OperationKind; code: string; path: string }[] = []
  private readonly queue: Later[] = []
  private isReporting = false

  constructor(options: DiskOptions = {}) {
    this.random = new Random(options.seed ?? 1)
    for (const directory of options.directories ?? []) this.putDirectory(directory)
  }

  // What a test prepares and looks at.

  failAt(operationNumber: number, code: string): void {
    this.faultsByNumber.set(operationNumber, code)
  }

  /** @param path only an operation on this one; '' for any */
  failNext(kind: OperationKind, code: string, path = ''): void {
    this.faultsByKind.push({ kind, code, path: path === '' ? '' : normalize(path) })
  }

  /** Puts a file there that is safe already, and the directories above it. */
  put(path: string, content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content.slice()
    const full = normalize(path)
    this.putDirectory(posix.dirname(full))
    this.putNode(full, SimulatedContent.of(bytes))
  }

  text(path: string): string {
    return Buffer.from(this.content(normalize(path)).view()).toString('latin1')
  }

  /** All files and what is in them. */
  contents(): Map<string, Uint8Array> {
    const files = [...this.names].flatMap(([path, node]) =>
      node === 'directory' ? [] : [[path, node.view()] as const],
    )
    return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** What no crash can take from a file of this name; undefined when the name itself isn't safe. */
  safeBytes(path: string): Uint8Array | undefined {
    const full = normalize(path)
    const node = this.strictNames.get(full)
    if (node === undefined || node === 'directory') return undefined
    const isCertain = this.strictChanges.every((change) => change.path !== full)
    return isCertain ? node.safe : undefined
  }

  usedBytes(): number {
    const contents = new Set<SimulatedContent>()
    for (const node of this.names.values()) if (node !== 'directory') contents.add(node)
    for (const file of this.openFiles) contents.add((file as SimulatedFile).content)
    let bytes = 0
    for (const content of contents) bytes += content.size
    return bytes
  }

  /** Does what was begun with …Later, at most `limit` of it. @returns how many were done */
  settle(limit = Number.POSITIVE_INFINITY): number {
    let count = 0
    for (; count < limit && this.queue.length > 0; count++) this.finish(this.queue.shift()!)
    return count
  }

  get pendingCount(): number {
    return this.queue.length
  }

  putNode(path: string, node: SimulatedNode): void {
    for (const names of [this.names, this.strictNames, this.journalledNames]) names.set(path, node)
  }

  private putDirectory(path: string): void {
    const full = normalize(path)
    if (full !== '/') this.putDirectory(posix.dirname(full))
    this.putNode(full, 'directory')
  }

  // The file system.

  open(path: string, mode: OpenMode): OpenFile {
    const full = normalize(path)
    return this.operation('open', full, (number) => {
      const node = this.names.get(full)
      if (node === 'directory') throw systemError('EISDIR')
      if (node === undefined && mode === 'read') throw systemError('ENOENT')
      const content = node ?? new SimulatedContent()
      if (node === undefined) {
        this.needDirectory(posix.dirname(full))
        this.change(number, full, content)
      } else if (mode === 'create') content.truncate(0)
      const file = new SimulatedFile(this, full, mode, content)
      this.openFiles.add(file)
      return file
    })
  }

  rename(from: string, to: string): void {
    const [source, target] = [normalize(from), normalize(to)]
    this.operation('rename', target, (number) => {
      const node = this.names.get(source)
      if (node === undefined) throw systemError('ENOENT')
      if (node === 'directory') throw systemError('EINVAL')
      if (this.names.get(target) === 'directory') throw systemError('EISDIR')
      this.needDirectory(posix.dirname(target))
      if (source === target) return
      this.change(number, target, node)
      this.change(number, source, undefined)
    })
  }

  renameLater(from: string, to: string, done: Done): void {
    this.begin(() => this.rename(from, to), done)
  }

  syncDirectory(path: string): void {
    this.syncNames(normalize(path), new Set(this.strictChanges))
  }

  /** Covers only what is changed now, as the least that a sync off the thread may do. */
  syncDirectoryLater(path: string, done: Done): void {
    const changes = new Set(this.strictChanges)
    this.begin(() => this.syncNames(normalize(path), changes), done)
  }

  private syncNames(full: string, changes: ReadonlySet<NameChange>): void {
    this.operation('syncDirectory', full, () => {
      this.needDirectory(full)
      this.commitJournal()
      const isSynced = (change: NameChange) =>
        changes.has(change) && posix.dirname(change.path) === full
      for (const { path: name, after } of this.strictChanges.filter(isSynced)) {
        if (after === undefined) this.strictNames.delete(name)
        else this.strictNames.set(name, after)
      }
      this.strictChanges = this.strictChanges.filter((change) => !isSynced(change))
    })
  }

  makeDirectory(path: string): void {
    const full = normalize(path)
    const node = this.names.get(full)
    if (node === 'directory') return
    if (node !== undefined) throw systemError('EEXIST')
    if (full !== '/') this.makeDirectory(posix.dirname(full))
    this.operation('makeDirectory', full, (number) => this.change(number, full, 'directory'))
  }

  list(path: string): string[] {
    const full = normalize(path)
    return this.operation('list', full, () => {
      this.needDirectory(full)
      const inside = [...this.names.keys()].filter((name) => name !== '/')
      return inside
        .filter((name) => posix.dirname(name) === full)
        .map((name) => posix.basename(name))
        .sort()
    })
  }

  readFile(path: string): Uint8Array {
    const full = normalize(path)
    return this.operation('read', full, () => this.content(full).view().slice())
  }

  replaceFile(path: string, content: Uint8Array): void {
    runNow(replaceInSteps(this, path, content))
  }

  writeFile(path: string, content: Uint8Array): void {
    this.writeWhole(path, 'create', content)
  }

  appendFile(path: string, content: Uint8Array): void {
    this.writeWhole(path, 'append', content)
  }

  exists(path: string): boolean {
    return this.names.has(normalize(path))
  }

  isDirectory(path: string): boolean {
    return this.names.get(normalize(path)) === 'directory'
  }

  removeLater(path: string, done: Done): void {
    this.begin(() => this.remove(path), done)
  }

  remove(path: string): void {
    const full = normalize(path)
    this.operation('remove', full, (number) => {
      const node = this.names.get(full)
      if (node === 'directory') throw systemError('EISDIR')
      if (node !== undefined) this.change(number, full, undefined)
    })
  }

  private writeWhole(path: string, mode: OpenMode, content: Uint8Array): void {
    const file = this.open(path, mode)
    try {
      for (let at = 0; at < content.length; ) at += file.write(content, at, content.length)
    } finally {
      file.close()
    }
  }

  // What open files need of their disk.

  /** Runs one operation: counts it, lets it fail if it is to, and reports it. */
  operation<T>(kind: OperationKind, path: string, run: (number: number) => T): T {
    const operation: Operation = { number: this.journal.length + 1, kind, path, error: '' }
    this.journal.push(operation)
    try {
      const code = this.faultOf(operation)
      if (code !== undefined) throw systemError(code)
      return run(operation.number)
    } catch (error) {
      operation.error = (error as NodeJS.ErrnoException).code ?? 'error'
      throw error
    } finally {
      this.report(operation)
    }
  }

  private report(operation: Operation): void {
    if (this.onOperation === null || this.isReporting) return
    this.isReporting = true
    try {
      this.onOperation(operation)
    } finally {
      this.isReporting = false
    }
  }

  private faultOf({ number, kind, path }: Operation): string | undefined {
    const i = this.faultsByKind.findIndex(
      (fault) => fault.kind === kind && (fault.path === '' || fault.path === path),
    )
    if (i >= 0) return this.faultsByKind.splice(i, 1)[0].code
    return this.faultsByNumber.get(number) ?? this.broken.get(path)
  }

  /** How many of `length` bytes a write takes now. */
  takes(length: number): number {
    if (length === 0) return 0
    const room = this.capacityBytes - this.usedBytes()
    if (room <= 0) throw systemError('ENOSPC')
    const taken = Math.min(length, room)
    return this.writesAreShort ? 1 + this.random.below(taken) : taken
  }

  commitJournal(): void {
    this.journalledNames = new Map(this.names)
    this.unjournalled = []
  }

  begin(run: () => void, done: Done): void {
    const later = { run, done }
    if (this.later === 'held') this.queue.push(later)
    else queueMicrotask(() => this.finish(later))
  }

  private finish({ run, done }: Later): void {
    let error: NodeJS.ErrnoException | null = null
    try {
      run()
    } catch (thrown) {
      error = thrown as NodeJS.ErrnoException
    }
    done(error)
  }

  private content(path: string): SimulatedContent {
    const node = this.names.get(path)
    if (node === undefined) throw systemError('ENOENT')
    if (node === 'directory') throw systemError('EISDIR')
    return node
  }

  private needDirectory(path: string): void {
    const node = this.names.get(path)
    if (node === undefined) throw systemError('ENOENT')
    if (node !== 'directory') throw systemError('ENOTDIR')
  }

  private change(number: number, path: string, after: SimulatedNode | undefined): void {
    const change = { number, path, before: this.names.get(path), after }
    if (after === undefined) this.names.delete(path)
    else this.names.set(path, after)
    this.strictChanges.push(change)
    this.unjournalled.push(change)
  }
}

/** An open file of the simulated disk. */
class SimulatedFile implements OpenFile {
  readonly path: string
  readonly content: SimulatedContent
  private readonly disk: SimulatedDisk
  private readonly mode: OpenMode
  private isClosed = false
  /** The kind of operation that is under way, '' for none. */
  private underWay = ''

  constructor(disk: SimulatedDisk, path: string, mode: OpenMode, content: SimulatedContent) {
    this.disk = disk
    this.path = path
    this.mode = mode
    this.content = content
  }

  size(): number {
    this.need(false)
    return this.content.size
  }

  read(bytes: Uint8Array, start: number, length: number, position: number): number {
    this.need(false)
    if (length > bytes.length - start) throw systemError('ERR_OUT_OF_RANGE')
    return this.disk.operation('read', this.path, () => {
      const found = this.content.view().subarray(position, position + length)
      bytes.set(found, start)
      return found.length
    })
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    this.need(true, 'sync')
    return this.disk.operation('write', this.path, () => this.take(bytes, start, end))
  }

  truncate(size: number): void {
    this.need(true)
    this.disk.operation('truncate', this.path, () => this.content.truncate(size))
  }

  sync(): void {
    this.need(false)
    this.syncSteps(this.content.stepCount)
  }

  /** Covers only what is written now, which is the least that a sync off the thread may do. */
  syncLater(done: Done): void {
    this.need(false)
    this.underWay = 'sync'
    const steps = this.content.stepCount
    const run = () => {
      this.underWay = ''
      this.syncSteps(steps)
    }
    this.disk.begin(run, done)
  }

  writeLater(bytes: Uint8Array, start: number, end: number, done: Done): void {
    this.need(true)
    this.underWay = 'write'
    this.content.underWay = bytes.subarray(start, end)
    const run = () => {
      this.underWay = ''
      this.content.underWay = null
      for (let at = start; at < end; ) {
        at += this.disk.operation('write', this.path, () => this.take(bytes, at, end))
      }
    }
    this.disk.begin(run, done)
  }

  close(): void {
    this.need(false, this.underWay)
    this.disk.operation('close', this.path, () => {
      this.isClosed = true
      this.disk.openFiles.delete(this)
    })
  }

  private take(bytes: Uint8Array, start: number, end: number): number {
    const taken = this.disk.takes(end - start)
    this.content.append(bytes.subarray(start, start + taken))
    return taken
  }

  private syncSteps(steps: number): void {
    try {
      this.disk.operation('sync', this.path, () => {
        this.content.sync(steps)
        this.disk.commitJournal()
      })
    } catch (error) {
      this.content.isDoubtful = true
      throw error
    }
  }

  /** @param beside what may be under way meanwhile */
  private need(writable: boolean, beside = ''): void {
    if (this.isClosed) throw systemError('EBADF')
    if (writable && this.mode === 'read') throw systemError('EBADF')
    if (this.underWay !== '' && this.underWay !== beside) {
      throw new Error(`${this.path}: used while a ${this.underWay} is under way`)
    }
  }
}
