/**
 * A connection to another server, which this one is a client of: what is written, and the lines
 * that are replied. MIGRATE is what it is for.
 *
 * Each write and each line has a time of its own, as in Redis: a target that goes on taking bytes,
 * however slowly, is waited for. Replies are taken as they come, so that a target never has to wait
 * with them while it is being written to; one that sends more than it was asked for is cut off.
 */
import type { Duplex } from 'node:stream'
import { latin1 } from '../bytes/text.ts'

/** Opens a stream to a server. What fails is an event of the stream, `whenOpen` is not called. */
export type Connector = (host: string, port: number, whenOpen: () => void) => Duplex

/** The link can no longer be used. */
export class LinkFailure extends Error {
  override readonly name = 'LinkFailure'
  readonly isTimeout: boolean
  readonly isWriting: boolean

  constructor(isTimeout: boolean, isWriting: boolean) {
    super(isTimeout ? 'the target does not answer' : 'the target has hung up')
    this.isTimeout = isTimeout
    this.isWriting = isWriting
  }
}

/** No database is known to be selected. */
export const NO_DATABASE = -1
/** So much is written at a time. */
export const CHUNK_BYTES = 64 * 1024
/** As much of a line as Redis reads. */
const LINE_MAX_CHARS = 1023
/** More than this, and not read, no honest target has to say. */
const UNREAD_MAX_CHARS = 16 * 1024 * 1024
/** No timer takes longer. */
const TIMER_MAX_MS = 2 ** 31 - 1
/** Errors that a connection may end with after it was begun. */
const REFUSALS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH'])
const LINE_END = 10
const CARRIAGE_RETURN = 13

/** What a link waits for: that bytes are taken, or a line. */
interface Waiter {
  readonly isWriting: boolean
  resolve(): void
}

export class TargetLink {
  /** The database that was selected last; NO_DATABASE if that is not known. */
  database: number | bigint = NO_DATABASE
  /** Called when the connection has ended, on whatever side. */
  onClosed: () => void = () => {}
  private readonly stream: Duplex
  /** Those before `nextLine` have been read. */
  private lines: string[] = []
  private nextLine = 0
  private line = ''
  private unreadChars = 0
  private isClosed = false
  private waiter: Waiter | null = null

  /**
   * Opens a link within a time. @returns null if that cannot be
   *
   * @throws LinkFailure when the target has refused; Redis finds that out as it writes, but for TLS
   */
  static open(
    connect: Connector,
    host: string,
    port: number,
    timeoutMs: number,
  ): Promise<TargetLink | null> {
    return new Promise((resolve, reject) => {
      const stream = connect(host, port, () => {
        stop()
        resolve(new TargetLink(stream))
      })
      const fail = (error?: NodeJS.ErrnoException): void => {
        stop()
        stream.on('error', () => {})
        stream.destroy()
        if (REFUSALS.has(error?.code ?? '') && !('encrypted' in stream))
          reject(new LinkFailure(false, true))
        else resolve(null)
      }
      const timer = setTimeout(fail, Math.min(timeoutMs, TIMER_MAX_MS))
      const stop = (): void => {
        clearTimeout(timer)
        stream.off('error', fail)
        stream.off('close', fail)
      }
      stream.on('error', fail)
      stream.on('close', fail)
    })
  }

  private constructor(stream: Duplex) {
    this.stream = stream
    const close = (): void => this.close()
    stream.on('error', close)
    stream.on('end', close)
    stream.on('close', close)
    stream.on('data', (bytes: Uint8Array) => this.take(bytes))
  }

  /** Whether it can be used: the target is there, and has said nothing that was not read. */
  get isReady(): boolean {
    return !this.isClosed && this.unreadChars === 0
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.stream.destroy()
    this.waiter?.resolve()
    this.onClosed()
  }

  private take(bytes: Uint8Array): void {
    let start = 0
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      const last = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
      this.lines.push((this.line + latin1(bytes, start, last)).slice(0, LINE_MAX_CHARS))
      this.line = ''
      start = end + 1
    }
    this.line = (this.line + latin1(bytes, start, bytes.length)).slice(0, LINE_MAX_CHARS)
    this.unreadChars += bytes.length
    if (this.unreadChars > UNREAD_MAX_CHARS) this.close()
    else if (this.lines.length > 0) this.wake(false)
  }

  private wake(isWriting: boolean): void {
    if (this.waiter?.isWriting === isWriting) this.waiter.resolve()
  }

  /** Waits for `wake`, or the end of the connection. @throws LinkFailure when the time is over */
  private wait(timeoutMs: number, isWriting: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        this.waiter = null
      }
      const giveUp = (): void => {
        end()
        reject(new LinkFailure(true, isWriting))
      }
      const timer = setTimeout(giveUp, Math.min(timeoutMs, TIMER_MAX_MS))
      this.waiter = {
        isWriting,
        resolve: () => {
          end()
          resolve()
        },
      }
    })
  }

  /**
   * Writes bytes, which must not change meanwhile.
   *
   * @param timeoutMs for each chunk of them
   * @throws LinkFailure
   */
  async write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
      if (this.isClosed) throw new LinkFailure(false, true)
      const isTaken = this.wait(timeoutMs, true)
      this.stream.write(bytes.subarray(start, start + CHUNK_BYTES), (error) => {
        if (error) this.close()
        else this.wake(true)
      })
      await isTaken
    }
    if (this.isClosed) throw new LinkFailure(false, true)
  }

  /** The next line, without its end. @throws LinkFailure, also for a line without anything in it */
  async readLine(timeoutMs: number): Promise<string> {
    if (this.lines.length === 0) {
      if (!this.isClosed) await this.wait(timeoutMs, false)
      if (this.lines.length === 0) throw new LinkFailure(false, false)
    }
    const line = this.lines[this.nextLine++]!
    if (this.nextLine === this.lines.length) {
      this.lines = []
      this.nextLine = 0
      this.unreadChars = this.line.length
    }
    if (line === '') throw new LinkFailure(false, false)
    return line
  }
}
