/** A client that shows bytes: what it received as Latin-1, and when its connection ended. */
import net from 'node:net'

export class RawClient {
  readonly socket: net.Socket
  received = ''
  isClosed = false
  private waiters: (() => void)[] = []

  constructor(socket: net.Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.received += text
      this.wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.wake()
    })
  }

  /** Connects to a port of this machine, or to a unix socket's path. */
  static connect(target: number | string, options: { allowHalfOpen?: boolean } = {}) {
    return new Promise<RawClient>((resolve, reject) => {
      const where =
        typeof target === 'number' ? { port: target, host: '127.0.0.1' } : { path: target }
      const socket = net.connect({ ...where, ...options })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new RawClient(socket)))
    })
  }

  private wake(): void {
    const { waiters } = this
    this.waiters = []
    for (const waiter of waiters) waiter()
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.waiters.push(resolve))
  }

  /** Sends requests and waits until exactly as many bytes as `reply` has are there. */
  async ask(requests: string, reply: string): Promise<string> {
    this.socket.write(requests, 'latin1')
    return this.take(reply.length)
  }

  /** Waits for `length` more bytes, or for the end, and takes what is there. */
  async take(length: number): Promise<string> {
    await this.until(() => this.isClosed || this.received.length >= length)
    const text = this.received
    this.received = ''
    return text
  }

  async closed(): Promise<void> {
    await this.until(() => this.isClosed)
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** Waits for something that other events bring about, without a time of its own. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}
