/**
 * Loading: what is on the disk becomes the data, at the start and for DEBUG RELOAD and LOADAOF.
 *
 * At the start it is done in slices, between which clients are answered that the server is loading,
 * and INFO how far it is. With `appendonly yes` the log is loaded; if there is none, but a dump,
 * that is, and becomes the base of a new log. (Redis starts empty then.)
 */
import { AofError } from '../aof/aof-error.ts'
import { AofLoader, type PreambleLoad } from '../aof/aof-loader.ts'
import { errorMessage } from '../config/system-error.ts'
import type { OpenFile } from '../platform/files.ts'
import { afterRound } from '../platform/later.ts'
import { RdbError } from '../rdb/rdb-error.ts'
import { RdbLoader, type RdbLoaderOptions } from '../rdb/rdb-loader.ts'
import { NoTransport } from './no-transport.ts'
import type { Server } from './server.ts'
import { Session } from './session.ts'

/** How long loading holds up those who ask how far it is. */
const SLICE_US = 20_000
/** Bytes between two looks at the clock, at most. */
const STEP_MAX_BYTES = 64 * 1024

/** Why the data cannot be loaded; the server must not start then. */
export class LoadError extends Error {}

export class Loading {
  totalBytes = 0
  loadedBytes = 0
  startedMs = 0
  /** Of the last RDB that was loaded. */
  keysLoaded = 0
  keysExpired = 0
  /** Keys and commands loaded since loading last paused. */
  private itemsInStep = 0
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
  }

  /** Loads what there is, and opens the log. @throws LoadError */
  async start(): Promise<void> {
    const { server } = this
    const startUs = server.clock.monotonicMicroseconds()
    this.begin(0)
    let source: string | null
    try {
      source = server.config.get('appendonly') ? await this.loadLog() : await this.loadDump()
    } catch (error) {
      throw error instanceof AofError ? new LoadError(error.message) : error
    } finally {
      this.end()
    }
    if (source === null) return
    const seconds = (server.clock.monotonicMicroseconds() - startUs) / 1e6
    server.log('notice', `DB loaded from ${source}: ${seconds.toFixed(3)} seconds`)
  }

  /** Loads the dump if there is one. @returns what was loaded */
  private async loadDump(): Promise<string | null> {
    const { path } = this.server.saves
    if (!this.server.files.exists(path)) return null
    await this.loadSnapshot(path, {})
    return 'disk'
  }

  /** Loads the log, and opens it to go on with. @returns what was loaded */
  private async loadLog(): Promise<string | null> {
    const { appendOnly } = this.server
    if (appendOnly.open().read().isEmpty) {
      const source = await this.loadDump()
      appendOnly.startNew()
      return source
    }
    const loader = this.logLoader()
    await this.inSlices(() => this.stepLog(loader))
    appendOnly.goOn(loader.end, loader.hasUnchecked)
    return 'append only file'
  }

  /** Takes the place of the data by what the log says, before anybody else is served. */
  loadLogNow(): void {
    this.begin(0)
    try {
      this.server.appendOnly.open().read()
      const loader = this.logLoader()
      while (!this.stepLog(loader)) {
        // More is left.
      }
    } catch (error) {
      throw error instanceof AofError ? new LoadError(error.message) : error
    } finally {
      this.end()
    }
  }

  private get stepBytes(): number {
    const bytes = this.server.config.get('loading-process-events-interval-bytes')
    return Math.min(bytes, STEP_MAX_BYTES)
  }

  private logLoader(): AofLoader {
    const { server } = this
    const session = new Session(server, 0, new NoTransport())
    session.mayBlock = false
    const loader = new AofLoader({
      files: server.files,
      directory: server.appendOnly.open(),
      clock: server.clock,
      log: (level, text) => server.log(level, text),
      loadsTruncated: server.config.get('aof-load-truncated'),
      target: {
        replay: (args) => server.dispatcher.replay(session, args),
        preamble: (path) => this.preamble(path),
      },
    })
    this.totalBytes = loader.totalBytes
    return loader
  }

  private stepLog(loader: AofLoader): boolean {
    const before = loader.commandCount
    const isDone = loader.step(this.stepBytes)
    this.itemsInStep += Math.max(0, loader.commandCount - before)
    this.loadedBytes = loader.loadedBytes
    return isDone
  }

  /** The snapshot that a file of the log opens with. */
  private preamble(path: string): PreambleLoad {
    const file = this.open(path)
    const { totalBytes } = this
    const loader = this.loader(file, { keepExpired: true })
    this.totalBytes = totalBytes
    const step = () => {
      const isDone = this.step(loader, path)
      if (!isDone) return false
      this.loaded(loader)
      file.close()
      return true
    }
    return {
      step,
      get position() {
        return loader.offset
      },
    }
  }

  /** Does a work of many steps, and lets others in between. */
  private async inSlices(step: () => boolean): Promise<void> {
    const { clock, config } = this.server
    let sliceEndUs = clock.monotonicMicroseconds() + SLICE_US
    while (!step()) {
      // A delay between keys, which tests ask for, is waited for a step at a time.
      const delayUs = Math.max(0, config.get('key-load-delay'))
      if (delayUs === 0 && clock.monotonicMicroseconds() < sliceEndUs) continue
      const delayMs = Math.min((delayUs * this.itemsInStep) / 1000, 2 ** 31 - 1)
      this.itemsInStep = 0
      if (delayMs >= 1) await new Promise((resolve) => setTimeout(resolve, delayMs))
      else await new Promise((resolve) => afterRound(resolve))
      clock.tick()
      sliceEndUs = clock.monotonicMicroseconds() + SLICE_US
    }
  }

  private async loadSnapshot(path: string, options: RdbLoaderOptions): Promise<void> {
    const file = this.open(path)
    try {
      const loader = this.loader(file, options)
      await this.inSlices(() => {
        this.loadedBytes = loader.offset
        return this.step(loader, path)
      })
      this.loaded(loader)
    } finally {
      file.close()
    }
  }

  /** Takes the place of the data by what a dump holds, before anybody else is served. */
  loadSnapshotNow(path: string, options: RdbLoaderOptions): void {
    const file = this.open(path)
    this.begin(file.size())
    try {
      const loader = this.loader(file, options)
      while (!this.step(loader, path)) this.loadedBytes = loader.offset
      this.loaded(loader)
    } finally {
      this.end()
      file.close()
    }
  }

  private loader(file: OpenFile, options: RdbLoaderOptions): RdbLoader {
    const { server } = this
    this.totalBytes = file.size()
    return new RdbLoader(server.keyspace, file, {
      checksum: server.config.get('rdbchecksum') && !server.skipsChecksums,
      warn: (text) => server.log('warning', text),
      ...options,
    })
  }

  private open(path: string): OpenFile {
    try {
      return this.server.files.open(path, 'read')
    } catch (error) {
      throw new LoadError(`Fatal error: can't open ${path} for reading: ${errorMessage(error)}`)
    }
  }

  private step(loader: RdbLoader, path: string): boolean {
    try {
      const before = loader.keysLoaded
      const isDone = loader.step(this.stepBytes)
      this.itemsInStep += loader.keysLoaded - before
      return isDone
    } catch (error) {
      if (!(error instanceof RdbError)) throw error
      const text = `${path}: ${error.message}, at offset ${error.offset}`
      throw new LoadError(
        `Fatal error loading the DB, ${text}. Terminating server after rdb file reading failure.`,
      )
    }
  }

  private loaded(loader: RdbLoader): void {
    const { server } = this
    this.keysLoaded = loader.keysLoaded
    this.keysExpired = loader.keysExpired
    const { emptyKeysSkipped, keysExpired, keysLoaded } = loader
    const counts = `keys loaded: ${keysLoaded}, keys expired: ${keysExpired}`
    server.log('notice', `Done loading RDB, ${counts}, empty keys skipped: ${emptyKeysSkipped}.`)
  }

  private begin(totalBytes: number): void {
    const { server } = this
    server.isLoading = true
    server.keyspace.isLoading = true
    this.startedMs = server.clock.nowMs
    this.totalBytes = totalBytes
    this.loadedBytes = 0
    server.guard.update()
  }

  private end(): void {
    const { server } = this
    server.isLoading = false
    server.keyspace.isLoading = false
    server.guard.update()
  }
}
