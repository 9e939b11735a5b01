/**
 * A client in the process, of which the server knows no more than of one behind a socket: requests
 * go through the dispatcher, wait if they must, and are answered later.
 */

import { soon } from '../platform/later.ts'
import { encodeRequest } from '../resp/request-encoder.ts'
import type { Server } from '../server/server.ts'
import type { Session, Transport } from '../server/session.ts'
import { ReplyDecoder } from './reply-decoder.ts'
import type { Argument } from './request.ts'
import { CLOSED, StoreError } from './store-error.ts'
import type { Value } from './value-reply.ts'

interface Pending {
  resolve(value: Value): void
  reject(error: Error): void
  readonly asBytes: boolean
}

class DecodedTransport implements Transport {
  readonly remoteAddress = ''
  readonly localAddress = ''
  readonly isUnixSocket = false
  readonly fd = -1
  readonly queuedBytes = 0
  readonly isReadAtOnce = true
  private readonly client: LocalClient

  constructor(client: LocalClient) {
    this.client = client
  }

  send(bytes: Buffer, start: number, end: number): boolean {
    this.client.decoder.feed(bytes.subarray(start, end))
    return false
  }

  sendShared(bytes: Buffer): void {
    this.client.decoder.feed(bytes)
  }

  end(): void {
    this.client.close()
  }

  destroy(): void {
    this.client.close()
  }
}

export class LocalClient {
  readonly session: Session
  readonly decoder: ReplyDecoder
  private readonly pending: Pending[] = []
  private isClosed = false

  /** @param onPush called with messages, in a later turn */
  constructor(server: Server, onPush: (message: Value[]) => void = () => {}) {
    this.decoder = new ReplyDecoder((value, isPush) => {
      // Whoever is told may call the store, which is in the midst of something now.
      if (isPush) soon(() => onPush(value as Value[]))
      else this.answered(value)
    })
    this.session = server.addSession(new DecodedTransport(this))
    this.session.protocol = 3
    server.access.trust(this.session)
  }

  /** Whether it has nothing under way. */
  get isIdle(): boolean {
    return this.pending.length === 0
  }

  /** Sends a request, whose reply is answered later. A name may be `container|sub`. */
  send(name: string, args: readonly Argument[], asBytes = false): Promise<Value> {
    if (this.isClosed) return Promise.reject(new StoreError(CLOSED))
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject, asBytes })
      this.decoder.reply.asBytes = this.pending[0]!.asBytes
      const words = [...name.split('|'), ...args.map(wordOf)]
      const bytes = encodeRequest(words, 'utf8')
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      this.session.receive(bytes, view, bytes.length)
    })
  }

  private answered(value: Value): void {
    const first = this.pending.shift()
    if (this.pending.length > 0) this.decoder.reply.asBytes = this.pending[0]!.asBytes
    if (value instanceof StoreError) first?.reject(value)
    else first?.resolve(value)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.session.onClosed()
    for (const { reject } of this.pending.splice(0)) {
      reject(new StoreError(CLOSED))
    }
  }
}

function wordOf(argument: Argument): string | Uint8Array {
  return argument instanceof Uint8Array ? argument : String(argument)
}
