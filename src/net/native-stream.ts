/**
 * Reading and writing a socket without the stream machinery above it.
 *
 * At one command a round trip, that machinery costs more than running the command: a write makes
 * several objects and passes through the queue of a Writable, a read through several checks. Node's
 * own handles take and give bytes directly. They are not documented, so they are used only where
 * they are found to be as expected; elsewhere (TLS, other streams, a future Node) the caller falls
 * back to the stream.
 */
import type { Socket } from 'node:net'

/** Node's TCPWrap or PipeWrap, as far as it is used here. */
export interface StreamHandle {
  /** Queues a write; tries to complete it at once. @returns 0, or a negative system error */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
  /** Begins or ends the reading; a negative system error, or 0. */
  readStart(): number
  readStop(): number
  /** Called when there is something to read, an end or an error. */
  onread: ((this: StreamHandle, bytes: ArrayBuffer | undefined) => unknown) | null
}

export interface WriteRequest {
  handle: StreamHandle | null
  /** Called when a write that was not completed at once is over. */
  oncomplete: ((status: number) => void) | null
}

/** Node's binding of streams: the class of write requests, and what the last call has to say. */
interface StreamBinding {
  WriteWrap: new () => WriteRequest
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
      found.streamBaseState instanceof Int32Array &&
      typeof found.kReadBytesOrError === 'number' &&
      typeof found.kLastWriteWasAsync === 'number'
    return isAsExpected ? (found as StreamBinding) : null
  } catch {
    return null
  }
}

const binding = findBinding()
const state = binding?.streamBaseState ?? new Int32Array(1)
const READ_BYTES = binding?.kReadBytesOrError ?? 0
const WRITE_IS_PENDING = binding?.kLastWriteWasAsync ?? 0

/** A request that may be used again once its write is over. */
export function newWriteRequest(handle: StreamHandle): WriteRequest {
  const request = new binding!.WriteWrap()
  request.handle = handle
  return request
}

/** Whether the write that was just begun is still under way. */
export function isWritePending(): boolean {
  return state[WRITE_IS_PENDING] !== 0
}

/** The handle of a plain socket, if it can be used natively; else null. */
export function nativeHandle(socket: Socket): StreamHandle | null {
  if (binding === null) return null
  const handle = (socket as unknown as { _handle?: StreamHandle | null })._handle
  if (!handle || typeof handle.writeBuffer !== 'function') return null
  return typeof handle.onread === 'function' && typeof handle.readStop === 'function'
    ? handle
    : null
}

/**
 * Takes the reads of a handle whose reads go to a buffer of the caller's (`onread` of the socket's
 * options); ends and errors are left to the socket.
 *
 * A read that fills the buffer is the last one for this round of the event loop. Left to itself,
 * Node would go on with up to 31 others, while everybody else waits.
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
      setImmediate(goOn)
    }
  }
}
