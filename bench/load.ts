/**
 * Puts exactly `count` distinct keys into a server: `key:000000000000` and on, the names that
 * redis-benchmark draws from with `-r`, each of 16 bytes.
 *
 * One buffer holds a batch of SETs of fixed width in which only the digits change, so that the
 * generator costs far less than the server. A few batches are under way at a time.
 */
import net from 'node:net'
import type { RunningServer } from '../test/differential/support/server-process.ts'

const BATCH_COMMANDS = 1000
const BATCHES_UNDER_WAY = 8
const DIGITS = 12
const OK_BYTES = '+OK\r\n'.length

/** The values are of `valueBytes` bytes; those of 16 and more are distinct, too. */
export async function loadKeys(
  server: RunningServer,
  count: number,
  valueBytes: number,
): Promise<void> {
  const batches = Array.from({ length: BATCHES_UNDER_WAY + 1 }, () => new Batch(valueBytes))
  const socket = net.connect(server.port, server.host)
  let sent = 0
  let turn = 0
  let answeredBytes = 0
  await new Promise<void>((resolve, reject) => {
    const fill = (): void => {
      const answered = Math.floor(answeredBytes / OK_BYTES)
      if (answered >= count) resolve()
      while (sent < count && sent - answered < BATCH_COMMANDS * BATCHES_UNDER_WAY) {
        const size = Math.min(BATCH_COMMANDS, count - sent)
        // A buffer's turn comes again only when the commands it held have been answered.
        socket.write((batches[turn++ % batches.length] as Batch).numbered(sent, size))
        sent += size
      }
    }
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${server.name} hung up while keys were loaded`)))
    socket.on('data', (reply: Buffer) => {
      if (reply.includes('-')) reject(new Error(`${server.name}: ${reply.subarray(0, 200)}`))
      answeredBytes += reply.length
      fill()
    })
    socket.on('connect', fill)
  }).finally(() => {
    socket.removeAllListeners('close')
    socket.destroy()
  })
}

class Batch {
  readonly #bytes: Buffer
  readonly #commandBytes: number
  readonly #keyOffset: number
  readonly #valueOffset: number
  readonly #valueDigits: number

  constructor(valueBytes: number) {
    const key = `key:${'0'.repeat(DIGITS)}`
    const head = `*3\r\n$3\r\nSET\r\n$${key.length}\r\n`
    const middle = `\r\n$${valueBytes}\r\n`
    const one = Buffer.from(`${head}${key}${middle}${'v'.repeat(valueBytes)}\r\n`)
    this.#commandBytes = one.length
    this.#keyOffset = head.length + 4
    this.#valueOffset = head.length + key.length + middle.length
    this.#valueDigits = valueBytes >= 16 ? DIGITS : 0
    this.#bytes = Buffer.concat(Array.from({ length: BATCH_COMMANDS }, () => one))
  }

  /** The SETs of `count` keys from `first` on; the bytes are valid until the next call. */
  numbered(first: number, count: number): Buffer {
    for (let i = 0; i < count; i++) {
      const start = i * this.#commandBytes
      this.#write(start + this.#keyOffset, first + i, DIGITS)
      this.#write(start + this.#valueOffset, first + i, this.#valueDigits)
    }
    return this.#bytes.subarray(0, count * this.#commandBytes)
  }

  #write(offset: number, number: number, digits: number): void {
    let rest = number
    for (let i = offset + digits - 1; i >= offset; i--) {
      this.#bytes[i] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
  }
}
