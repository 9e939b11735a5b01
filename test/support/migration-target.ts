/**
 * What MIGRATE speaks to in unit tests: a stream whose other end is the test. It keeps what was
 * written to it, and replies what the test says; or the other end is a server in this process.
 */
import { Duplex } from 'node:stream'
import { Connection } from '../../src/embedded/connection.ts'
import type { Server } from '../../src/server/server.ts'
import type { Connector } from '../../src/server/target-link.ts'

export class FakeTarget extends Duplex {
  /** False: bytes are never taken. */
  takes = true
  written = ''

  override _read(): void {
    // The test pushes when it likes to.
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.written += chunk.toString('latin1')
    if (this.takes) done()
  }

  reply(text: string): void {
    this.push(Buffer.from(text, 'latin1'))
  }

  /** The names and the first arguments of the requests that have come. */
  get requests(): string[] {
    return this.written
      .split(/\*\d+\r\n(?=\$\d+\r\n[A-Z]+\r\n)/)
      .slice(1)
      .map((request) =>
        request
          .split('\r\n')
          .filter((_, i) => i % 2 === 1 && i < 4)
          .join(' '),
      )
  }
}

/** Connections to targets one behind the other, as they are given. */
export function connectTo(...targets: (Duplex | null)[]): Connector & { calls: string[] } {
  const calls: string[] = []
  const connect: Connector = (host, port, whenOpen) => {
    calls.push(`${host}:${port}`)
    const target = targets.shift() ?? null
    if (target === null) return new Duplex().destroy(new Error('there is no such host'))
    queueMicrotask(whenOpen)
    return target
  }
  return Object.assign(connect, { calls })
}

/** Connections to a server in this process. */
export function connectToServer(server: Server): Connector {
  return (_host, _port, whenOpen) => {
    const connection = new Connection(server)
    queueMicrotask(whenOpen)
    return connection
  }
}

/** A few rounds of the event loop, in which all that is under way comes as far as it can. */
export async function rounds(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
}
