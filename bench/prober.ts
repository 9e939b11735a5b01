/**
 * Latency as one client sees it: requests on a connection of its own, one at a time and a
 * millisecond apart, each timed until its reply is there. What a server does not answer while it
 * stands still shows as one long latency.
 */
import net from 'node:net'
import type { RunningServer } from '../test/differential/support/server-process.ts'
import { encodeCommand } from '../test/differential/support/wire.ts'

const INTERVAL_MS = 1

export class Prober {
  private readonly socket: net.Socket
  private readonly requests: readonly Uint8Array[]
  private latenciesUs: number[] = []
  private turn = 0
  private sentMs = 0
  private isStopping = false
  /** Settles when the last reply has come. */
  private readonly done: Promise<void>

  private constructor(socket: net.Socket, requests: readonly Uint8Array[]) {
    this.socket = socket
    this.requests = requests
    this.done = new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server hung up on the prober')))
      socket.on('data', () => {
        this.latenciesUs.push((performance.now() - this.sentMs) * 1000)
        if (this.isStopping) resolve()
        else setTimeout(() => this.send(), INTERVAL_MS)
      })
    })
    // A failure is told to whoever closes the prober, and must not end the process before.
    this.done.catch(() => {})
    this.send()
  }

  /** Begins to send these commands in turn, whose replies must be small. */
  static open(server: RunningServer, commands: readonly (readonly string[])[]): Promise<Prober> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(server.port, server.host)
      socket.setNoDelay(true)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Prober(socket, commands.map(encodeCommand)))
      })
    })
  }

  /** Stops when the reply that is awaited has come. @returns all latencies in µs */
  async close(): Promise<number[]> {
    this.isStopping = true
    await this.done
    this.socket.destroy()
    return this.latenciesUs
  }

  private send(): void {
    this.sentMs = performance.now()
    this.socket.write(this.requests[this.turn++ % this.requests.length] as Uint8Array)
  }
}
