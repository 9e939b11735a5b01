/**
 * Writing to a socket without the stream machinery above it.
 *
 * At one command a round trip, `socket.write` costs more than running the command: it makes several
 * objects a write and passes through the queue of a Writable. Node's own handle takes a buffer
 * directly. It is not documented, so it is used only where it is found to be as expected;
 * elsewhere (TLS, other streams, a future Node) the caller falls back to `socket.write`.
 */
import type { Socket } from 'node:net'

/** Node's TCPWrap or PipeWrap, as far as it is used here. */
export interface StreamHandle {
  /** Queues a write; tries to complete it at once. @returns 0, or a negative system error */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number
}

export interface WriteRequest {
  handle: StreamHandle | null
  /** Called when a write that was not completed at once is over. */
  oncomplete: ((status: number) => void) | null
}

type WriteRequestClass = new () => WriteRequest

function findWriteRequestClass(): WriteRequestClass | null {
  const { binding } = process as unknown as { binding?: (name: string) => unknown }
  try {
    const wrap = binding?.call(process, 'stream_wrap') as { WriteWrap?: WriteRequestClass }
    return typeof wrap?.WriteWrap === 'function' ? wrap.WriteWrap : null
  } catch {
    return null
  }
}

const WriteRequestClass = findWriteRequestClass()

/** Whether native writes can be had in this Node at all. */
export const nativeWritesAvailable = WriteRequestClass !== null

/** A request that may be used again once its write is over. */
export function newWriteRequest(handle: StreamHandle): WriteRequest {
  const request = new WriteRequestClass!()
  request.handle = handle
  return request
}

/** The handle of a plain socket, if it can be written to natively; else null. */
export function nativeHandle(socket: Socket): StreamHandle | null {
  if (!nativeWritesAvailable) return null
  const handle = (socket as unknown as { _handle?: StreamHandle | null })._handle
  if (!handle || typeof handle.writeBuffer !== 'function') return null
  return typeof handle.writeQueueSize === 'number' ? handle : null
}
