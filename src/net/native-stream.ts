/**
 * Reading and writing connections without the sockets and streams above them.
 *
 * At one command a round trip, that machinery costs more than running the command: a write makes
 * several objects and passes through the queue of a Writable, a read through several checks; and a
 * socket takes more memory than the rest of an idle connection. Node's own handles take and give
 * bytes directly. They are not documented, so they are used only where they are found to be as
 * expected; elsewhere (TLS, a future Node) `stream-connection.ts` serves.
 */
import type { Socket } from 'node:net'
import { afterRound } from '../platform/later.ts'

/** As much as one read takes at most. */
const READ_BUFFER_BYTES = 64 * 1024

/** What is called when a handle has been read from. */
export interface Reader {
  /** Whether reading may go on. */
  readonly isReading: boolean
  /** Takes `length` bytes at the front of `bytes`, which are overwritten afterwards. */
  receive(bytes: Uint8Array, view: DataView, length: number): void
  /** Nothing more comes. */
  readEnd(): void
  /** The connection is broken. */
  destroy(): void
}

interface Address {
  address?: string
  port?: number
}

/** Node's TCPWrap or PipeWrap, as far as it is used here. Errors are negative error numbers. */
export interface StreamHandle {
  readonly fd?: number
  /** Queues a write; tries to complete it at once. @returns 0, or a negative system error */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
  /** Begins or ends the reading; a negative system error, or 0. */
  readStart(): number
  readStop(): number
  /** Has reads land in a buffer of the caller's. */
  useUserBuffer(buffer: Uint8Array): void
  /** Called when there is something to read, an end or an error. */
  onread: ((this: StreamHandle, bytes: ArrayBuffer | undefined) => unknown) | null
  /** Ends the writing half behind the writes that are queued. @returns 0 if it will be told */
  shutdown(request: ShutdownRequest): number
  close(whenClosed: () => void): void
  // Of TCP connections only.
  getpeername?(address: Address): number
  getsockname?(address: Address): number
  setNoDelay?(isOn: boolean): number
  setKeepAlive?(isOn: boolean, seconds: number): number
  /** Ours: who reads. */
  reader?: Reader
}

export interface WriteRequest {
  /** Called when a write that was not completed at once is over. */
  oncomplete: ((status: number) => void) | null
}

interface ShutdownRequest {
  oncomplete: ((status: number) => void) | null
}

/** Node's binding of streams: the classes of requests, and what the last call has to say. */
interface StreamBinding {
  WriteWrap: new () => WriteRequest
  ShutdownWrap: new () => ShutdownRequest
  streamBaseState: Int32Array
  kReadBytesOrError: number
  kLastWriteWasAsync: number
}

function findBinding(): StreamBinding | null {
  const { binding } = process as unknown as { binding?: (name: string) => unknown }
  try {
    const found = binding?.call(process, 'stream_wrap') as Partial<StreamBinding> | undefined
    const isAsExpected =
      typeof found?.WriteWrap === 'function' &&
      typeof found.ShutdownWrap === 'function' &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kReadBytesOrError === 'number' &&
      typeof found.kLastWriteWasAsync === 'number'
    return isAsExpected ? (found as StreamBinding) : null
  } catch {
    return null
  }
}

const METHODS = [
  'writeBuffer',
  'readStart',
  'readStop',
  'useUserBuffer',
  'shutdown',
  'close',
] as const

const binding = findBinding()
const state = binding?.streamBaseState ?? new Int32Array(1)
const READ_BYTES = binding?.kReadBytesOrError ?? 0
const WRITE_IS_PENDING = binding?.kLastWriteWasAsync ?? 0
/** libuv's number for the end of a stream. */
const END_OF_STREAM = -4095

const readBuffer = Buffer.alloc(READ_BUFFER_BYTES)
const readView = new DataView(readBuffer.buffer, readBuffer.byteOffset, readBuffer.byteLength)

/** A request that may be used again, for any handle, once its write is over. */
export function newWriteRequest(): WriteRequest {
  return new binding!.WriteWrap()
}

/** Whether the write that was just begun is still under way. */
export function isWritePending(): boolean {
  return state[WRITE_IS_PENDING] !== 0
}

/** A handle that has been accepted, if it can be used natively; else null. */
export function acceptedHandle(handle: unknown): StreamHandle | null {
  if (binding === null || typeof handle !== 'object' || handle === null) return null
  const methods = handle as Record<(typeof METHODS)[number], unknown>
  const isAsExpected =
    METHODS.every((name) => typeof methods[name] === 'function') && 'onread' in handle
  return isAsExpected ? (handle as StreamHandle) : null
}

/** The handle of a plain socket, if it can be used natively; else null. */
export function nativeHandle(socket: Socket): StreamHandle | null {
  const handle = acceptedHandle((socket as unknown as { _handle?: unknown })._handle)
  return typeof handle?.onread === 'function' ? handle : null
}

/** The address of one end of a connection; nothing, if it has none any more. */
export function addressOf(handle: StreamHandle, end: 'getpeername' | 'getsockname'): Address {
  const address: Address = {}
  handle[end]?.(address)
  return address
}

/** Has `reader` take all reads of a handle, which land in a buffer that all share. */
export function readFrom(handle: StreamHandle, reader: Reader): void {
  handle.reader = reader
  handle.onread = whenRead
  handle.useUserBuffer(readBuffer)
  handle.readStart()
}

/**
 * A read that fills the buffer is the last one for this round of the event loop. Left to itself,
 * Node would go on with up to 31 others, while everybody else waits.
 */
function whenRead(this: StreamHandle): void {
  const reader = this.reader!
  const length = state[READ_BYTES]!
  if (length > 0) {
    reader.receive(readBuffer, readView, length)
    if (length === READ_BUFFER_BYTES && reader.isReading) {
      this.readStop()
      afterRound(readOn, this)
    }
  } else if (length === END_OF_STREAM) {
    reader.readEnd()
  } else if (length < 0) {
    reader.destroy()
  }
}

function readOn(handle: StreamHandle): void {
  if (handle.reader!.isReading) handle.readStart()
}

/**
 * Takes the reads of a socket's handle whose reads go to a buffer of the caller's (`onread` of the
 * socket's options); ends and errors are left to the socket. A read that fills the buffer is the
 * last one for this round, as above.
 *
 * @param bufferBytes the size of that buffer
 * @param receive called with the number of bytes that have been read
 * @param isOpen whether reading may go on
 */
export function takeReads(
  handle: StreamHandle,
  bufferBytes: number,
  receive: (length: number) => void,
  isOpen: () => boolean,
): void {
  const leaveToSocket = handle.onread!
  const goOn = (): void => {
    if (isOpen()) handle.readStart()
  }
  handle.onread = function (bytes) {
    const length = state[READ_BYTES]!
    if (length <= 0) {
      leaveToSocket.call(this, bytes)
      return
    }
    receive(length)
    if (length === bufferBytes && isOpen()) {
      handle.readStop()
      afterRound(goOn)
    }
  }
}

/** Ends the writing half behind all writes that are queued, and calls back then. */
export function endBehindWrites(handle: StreamHandle, whenEnded: () => void): void {
  const request = new binding!.ShutdownWrap()
  request.oncomplete = whenEnded
  if (handle.shutdown(request) !== 0) whenEnded()
}
