import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PendingInput } from '../../../src/server/pending-input.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

/** `length` bytes that tell their own position. */
function pattern(length: number, first = 0): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = ((first + i) * 31 + ((first + i) >> 8)) & 0xff
  return bytes
}

describe('PendingInput', () => {
  test('keeps all bytes in order, however they arrive and whatever is known of the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 5000 }),
        (chunks, isWholeKnown, dropped) => {
          const total = chunks.reduce((sum, bytes) => sum + bytes, 0)
          const input = new PendingInput(0)
          for (const bytes of chunks) {
            const chunk = pattern(bytes, input.length)
            const whole = isWholeKnown ? total : 0
            input.append(chunk, 0, bytes, input.length, whole)
          }
          input.settle()
          const drop = Math.min(dropped, total)
          input.dropFirst(drop)
          const rest = input.bytes.subarray(0, input.length)
          expect(rest.equals(pattern(total).subarray(drop))).toBe(true)
        },
      ),
      { seed: 7, numRuns: 30 },
    )
  })

  test('holds what is known to come exactly, and nothing on a claim', () => {
    const whole = 10 * 1024 * 1024 + 7
    const input = new PendingInput(0)
    const chunk = pattern(65536)
    input.append(chunk, 0, 100, 50, whole)
    expect(input.capacity).toBeLessThan(10_000)
    for (let left = whole - 100; left > 0; left -= chunk.length) {
      input.append(chunk, 0, Math.min(left, chunk.length), 50, whole)
      expect(input.capacity).toBeLessThanOrEqual(Math.max(8192, input.length * 2 + 1))
    }
    expect(input.capacity).toBe(whole)
  })

  test('what is behind the position can be read while the rest is being moved', () => {
    const input = new PendingInput(0)
    const bytes = pattern(900_000)
    for (let at = 0; at < bytes.length; at += 10_000) {
      const readFrom = input.length
      input.append(bytes, at, at + 10_000, readFrom, 0)
      expect(input.bytes.subarray(readFrom, input.length)).toEqual(bytes.subarray(at, at + 10_000))
    }
  })
})

describe('very long strings', () => {
  const value = pattern(9 * 1024 * 1024)

  /** Sends a SET of the value and a PING, cut into pieces of `pieceBytes`. */
  function setInPieces(client: InProcessClient, pieceBytes: number): string {
    const head = Buffer.from(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${value.length}\r\n`)
    const request = Buffer.concat([head, value, Buffer.from('\r\nPING\r\n')])
    for (let at = 0; at < request.length; at += pieceBytes) {
      client.send(request.subarray(at, at + pieceBytes))
    }
    return client.take()
  }

  for (const pieceBytes of [65536, 1_000_003]) {
    test(`become values where they arrived, in pieces of ${pieceBytes} bytes`, () => {
      const server = testServer({ debugArena: false })
      const client = new InProcessClient(server)
      expect(setInPieces(client, pieceBytes)).toBe('+OK\r\n+PONG\r\n')
      // A block that was copied would be a whole number of pages.
      const used = server.keyspace.arena.liveBytes
      expect(used).toBeLessThan(value.length + 1024)
      const reply = client.call('GET', 'big')
      expect(
        Buffer.from(reply, 'latin1')
          .subarray(-value.length - 2, -2)
          .equals(value),
      ).toBe(true)
      client.call('APPEND', 'big', 'more')
      expect(client.value('STRLEN', 'big')).toBe(value.length + 4)
      expect(client.value('GETRANGE', 'big', value.length - 1, -1)).toBe(
        `${value.subarray(-1).toString('latin1')}more`,
      )
      expect(setInPieces(client, pieceBytes)).toBe('+OK\r\n+PONG\r\n')
      expect(client.value('DEL', 'big')).toBe(1)
      checkServer(server)
    })
  }
})
