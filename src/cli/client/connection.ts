/**
 * A connection to a server: requests out, replies in, in order. It stands on any Duplex that
 * carries RESP, so that a socket, TLS and the embedded engine are the same to what is above.
 *
 * Replies wait in a queue until they are read, pushes among them at their place. When the stream
 * ends, the replies that came before are still handed out, and then the failure.
 *
 * `isLastSent` says whether any of the last request has been handed to the system: if none has,
 * the server cannot have seen it.
 */
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { errorCode, errorMessage } from '../../config/system-error.ts'
import { type Reply, ReplyParser, ReplyProtocolError } from '../../resp/reply-parser.ts'
import { encodeRequest } from '../../resp/request-encoder.ts'
import type { ClientOptions } from './client-options.ts'

const KEEP_ALIVE_MS = 15_000

/** What Redis's client says where it is not the C library's word for the error. */
const MESSAGES = new Map([
  ['ENOTFOUND', 'Name or service not known'],
  ['EAI_AGAIN', 'Temporary failure in name resolution'],
  // Of a path that is no socket; Linux itself refuses the connection.
  ['ENOTSOCK', 'Connection refused'],
])

/** The connection could not be made, or is of no use any more. */
export class ConnectionError extends Error {
  /** `lost` when it ended on its way; `protocol` when the other side does not speak RESP. */
  readonly kind: 'lost' | 'protocol' | 'tls'
  constructor(message: string, kind: 'lost' | 'protocol' | 'tls') {
    super(message)
    this.kind = kind
  }
}

function systemMessage(error: unknown): string {
  return MESSAGES.get(errorCode(error) ?? '') ?? errorMessage(error)
}

export class Connection {
  readonly stream: Duplex
  /** Why nothing more can be read once the replies at hand are; null while all is well. */
  failure: ConnectionError | null = null
  isLastSent = false
  /** Called when replies have come, or the end, and nobody waits for them. */
  onUnread: (() => void) | null = null
  private readonly parser = new ReplyParser()
  private readonly replies: Reply[] = []
  private next = 0
  private waiting: (() => void) | null = null

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', (chunk: Buffer) => this.receive(chunk))
    stream.on('error', (error) => this.fail(new ConnectionError(systemMessage(error), 'lost')))
    const onEnd = () => this.fail(new ConnectionError('Server closed the connection', 'lost'))
    stream.on('end', onEnd)
    stream.on('close', onEnd)
  }

  /** Sends a request, its words as Latin-1; its reply is to be read. */
  send(words: readonly string[]): void {
    this.sendRaw(encodeRequest(words))
  }

  /** Sends bytes as they are. @returns whether more may be sent at once */
  sendRaw(bytes: Uint8Array, whenSent?: () => void): boolean {
    this.isLastSent = false
    return this.stream.write(bytes, (error) => {
      if (!error) this.isLastSent = true
      whenSent?.()
    })
  }

  /** The next reply or push. Rejects with a ConnectionError. */
  async read(): Promise<Reply> {
    while (true) {
      const reply = this.poll()
      if (reply !== null) return reply
      if (this.failure !== null) throw this.failure
      await new Promise<void>((resolve) => {
        this.waiting = resolve
      })
    }
  }

  /** The next reply or push if it is there already. */
  poll(): Reply | null {
    if (this.next === this.replies.length) return null
    const reply = this.replies[this.next++]
    if (this.next === this.replies.length) {
      this.replies.length = 0
      this.next = 0
    }
    return reply
  }

  /** Resolves when a reply or the end can be read, or when `wakeReader` is called and it `may`. */
  async whenUnread(may: () => boolean): Promise<void> {
    while (this.next === this.replies.length && this.failure === null && !may()) {
      await new Promise<void>((resolve) => {
        this.waiting = resolve
      })
    }
  }

  /** Lets whoever waits for a reply look again. */
  wakeReader(): void {
    const { waiting } = this
    this.waiting = null
    waiting?.()
  }

  /** Sends a request and answers its reply, past pushes. */
  async call(...words: string[]): Promise<Reply> {
    this.send(words)
    return this.readReply()
  }

  /** The next reply that is no push. */
  async readReply(): Promise<Reply> {
    while (true) {
      const reply = await this.read()
      if (reply.type !== 'push') return reply
    }
  }

  /** Ends the connection; whoever waits for a reply gets `reason`. */
  close(reason = 'Server closed the connection'): void {
    this.fail(new ConnectionError(reason, 'lost'))
    this.stream.destroy()
  }

  private receive(chunk: Buffer): void {
    if (this.failure !== null) return
    this.parser.push(chunk)
    try {
      for (let reply = this.parser.next(); reply !== null; reply = this.parser.next()) {
        this.replies.push(reply)
      }
    } catch (error) {
      if (!(error instanceof ReplyProtocolError)) throw error
      this.fail(new ConnectionError(error.message, 'protocol'))
      this.stream.destroy()
      return
    }
    if (this.replies.length > 0) this.wake()
  }

  private fail(failure: ConnectionError): void {
    if (this.failure !== null) return
    this.failure = failure
    this.wake()
  }

  private wake(): void {
    const { waiting } = this
    this.waiting = null
    if (waiting !== null) waiting()
    else this.onUnread?.()
  }
}

/** Opens a connection to where the options say. Rejects with a ConnectionError. */
export async function openConnection(options: ClientOptions): Promise<Connection> {
  const { socketPath, host, port } = options
  const socket =
    socketPath === null
      ? net.connect({
          host,
          port,
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: KEEP_ALIVE_MS,
        })
      : net.connect({ path: socketPath })
  await connected(socket, 'connect', 'lost')
  if (!options.tls.enabled) return new Connection(socket)
  const { secure } = await import('./tls.ts')
  return new Connection(await secure(socket, options.tls))
}

/** Waits until a stream that is being opened is open. */
export function connected(stream: Duplex, event: string, kind: 'lost' | 'tls'): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(new ConnectionError(systemMessage(error), kind))
    stream.once('error', onError)
    stream.once(event, () => {
      stream.off('error', onError)
      resolve()
    })
  })
}
