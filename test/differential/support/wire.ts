/**
 * A RESP client that keeps bytes as they came: a reply is handed out as the exact bytes of one
 * reply, never decoded, so that two servers can be compared to the byte. It speaks RESP2 and
 * RESP3 alike, since the framing of every type says where it ends.
 *
 * Every wait has a time limit, and nothing sleeps: to learn whether a server has finished with
 * what was sent, `Fence` asks it on another connection.
 */
import net from 'node:net'
import { latin1, replyEnd } from './reply.ts'

export type Argument = string | Uint8Array | number

/** Long, as machines may be busy; below the time that a test has, so that this tells what lacks. */
const REPLY_TIMEOUT_MS = 30_000

const waitOver = (what: string, received: string): Error =>
  new Error(`no ${what} within ${REPLY_TIMEOUT_MS} ms; received: ${JSON.stringify(received)}`)

/** The request as RESP: an array of bulk strings. Strings are sent as UTF-8. */
export function encodeCommand(command: readonly Argument[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(`*${command.length}\r\n`)]
  for (const argument of command) {
    const bytes = typeof argument === 'object' ? argument : Buffer.from(String(argument))
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

export class WireClient {
  /** True once the server's end of the connection, or all of it, is closed. */
  closed = false
  readonly #socket: net.Socket
  #chunks: Uint8Array[] = []
  #receivedBytes = 0
  /** The one who waits looks again whenever bytes came or the connection closed. */
  #wake: (() => void) | undefined

  constructor(socket: net.Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Uint8Array) => {
      this.#chunks.push(chunk)
      this.#receivedBytes += chunk.length
      this.#wake?.()
    })
    const onClosed = (): void => {
      this.closed = true
      this.#wake?.()
    }
    socket.on('end', onClosed).on('close', onClosed).on('error', onClosed)
  }

  static connect(port: number, host = '127.0.0.1'): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, host)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new WireClient(socket))
      })
    })
  }

  /** Hands bytes to the kernel as they are; a server that has hung up is no error here. */
  sendRaw(bytes: Uint8Array | string): Promise<void> {
    if (this.closed) return Promise.resolve()
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, REPLY_TIMEOUT_MS)
      this.#socket.write(data, () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Sends a command without waiting for its reply. */
  send(command: readonly Argument[]): Promise<void> {
    return this.sendRaw(encodeCommand(command))
  }

  /** The bytes of the next reply or push. Rejects when it does not come, or breaks RESP. */
  async reply(): Promise<Uint8Array> {
    let end = -1
    let neededBytes = 1
    await this.#until('reply', () => {
      if (this.#receivedBytes < neededBytes) return false
      end = replyEnd(this.#peek(), 0)
      if (end < 0) neededBytes = Math.max(-end, this.#receivedBytes + 1)
      return end > 0
    })
    if (end <= 0) throw new Error(`connection closed; received: ${JSON.stringify(this.#text())}`)
    return this.#take(end)
  }

  /** Sends a command and waits for one reply. */
  async call(...command: Argument[]): Promise<Uint8Array> {
    await this.send(command)
    return this.reply()
  }

  /** Sends all commands at once and waits for as many replies. */
  async pipeline(commands: readonly (readonly Argument[])[]): Promise<Uint8Array[]> {
    await this.sendRaw(Buffer.concat(commands.map(encodeCommand)))
    const replies: Uint8Array[] = []
    for (let i = 0; i < commands.length; i++) replies.push(await this.reply())
    return replies
  }

  /** Everything received until the connection closes or `isEnough` says so. */
  async readUntil(isEnough: (received: string) => boolean): Promise<Uint8Array> {
    await this.#until('close', () => isEnough(this.#text()))
    return this.#take(this.#receivedBytes)
  }

  /** Says that nothing more will be sent; replies can still be read. */
  endSending(): void {
    this.#socket.end()
  }

  close(): void {
    this.#socket.destroy()
  }

  async #until(what: string, isDone: () => boolean): Promise<void> {
    if (isDone() || this.closed) return
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer)
        this.#wake = undefined
        if (error) reject(error)
        else resolve()
      }
      const timer = setTimeout(() => finish(waitOver(what, this.#text())), REPLY_TIMEOUT_MS)
      this.#wake = () => {
        try {
          if (isDone() || this.closed) finish()
        } catch (error) {
          finish(error as Error)
        }
      }
    })
  }

  #peek(): Uint8Array {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]
  }

  #text(): string {
    return latin1(this.#peek())
  }

  #take(end: number): Uint8Array {
    const all = this.#peek()
    this.#chunks = end < all.length ? [all.subarray(end)] : []
    this.#receivedBytes = all.length - end
    return all.subarray(0, end)
  }
}

/**
 * A second connection to a server, to know when it has dealt with what the first one sent. A
 * server reads its ready sockets in turns of an event loop: bytes that lay in its socket before
 * a PING was sent are read in the PING's turn at the latest, and answered before the next one.
 */
export class Fence {
  readonly #client: WireClient

  constructor(client: WireClient) {
    this.#client = client
  }

  static async open(port: number): Promise<Fence> {
    return new Fence(await WireClient.connect(port))
  }

  async pass(rounds = 3): Promise<void> {
    for (let i = 0; i < rounds; i++) await this.#client.call('PING')
  }

  close(): void {
    this.#client.close()
  }
}
