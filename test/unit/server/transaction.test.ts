import fc from 'fast-check'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../../src/commands/all.ts'
import { CommandTable } from '../../../src/commands/command-table.ts'
import { Args } from '../../../src/resp/args.ts'
import { Transaction } from '../../../src/server/transaction.ts'

const commands = [...new CommandTable(COMMANDS).all()]

/** All requests of a transaction, as text. */
function requestsOf(transaction: Transaction): string[][] {
  const args = new Args()
  const requests: string[][] = []
  transaction.rewind()
  for (let i = 0; i < transaction.count; i++) {
    const command = transaction.next(args)
    const words = [command.fullName]
    for (let j = 0; j < args.count; j++) words.push(args.text(j))
    requests.push(words)
  }
  return requests
}

test('requests come back as they were queued, whatever becomes of their memory', () => {
  const word = fc.oneof(
    { arbitrary: fc.string({ maxLength: 20 }), weight: 20 },
    { arbitrary: fc.nat(3000).map((length) => 'x'.repeat(length)), weight: 2 },
    { arbitrary: fc.nat(200_000).map((length) => 'y'.repeat(length)), weight: 1 },
  )
  const request = fc.tuple(
    fc.nat(commands.length - 1),
    fc.array(
      word.map((text) => Buffer.from(text).toString('latin1')),
      { minLength: 1, maxLength: 40 },
    ),
  )
  const transaction = new Transaction()
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
      for (const [index, words] of requests) {
        const args = Args.from(words)
        transaction.add(commands[index]!, args)
        args.bytes.fill(0xaa)
      }
      const expected = requests.map(([index, words]) => [commands[index]!.fullName, ...words])
      expect(requestsOf(transaction)).toEqual(expected)
      expect(requestsOf(transaction)).toEqual(expected)
      const words = requests.flatMap(([, each]) => each)
      const bytes = words.reduce((sum, { length }) => sum + length, 0)
      expect(transaction.argumentBytes).toBe(bytes + 8 * words.length)
      expect(transaction.capacity).toBeGreaterThanOrEqual(transaction.argumentBytes)
      transaction.clear()
      expect(transaction.capacity).toBeLessThanOrEqual(2048)
    }),
    { numRuns: 40, seed: 1 },
  )
})

test('memory set aside is in proportion to what is queued', () => {
  const transaction = new Transaction()
  const set = commands.find(({ fullName }) => fullName === 'set')!
  const args = Args.from(['SET', 'key', 'v'.repeat(50)])
  for (let i = 0; i < 10_000; i++) transaction.add(set, args)
  expect(transaction.capacity).toBeLessThan(10_000 * (56 + 32) * 2)
  const large = new Transaction()
  large.add(set, Args.from(['SET', 'key', 'v'.repeat(1_000_000)]))
  expect(large.capacity).toBeLessThan(1_001_000)
})

test('it knows what its commands are', () => {
  const named = (name: string) => commands.find(({ fullName }) => fullName === name)!
  const of = (...names: string[]) => {
    const transaction = new Transaction()
    for (const name of names) transaction.add(named(name), Args.from([name]))
    const { isWrite, mayChange, deniesOutOfMemory, needsLoadedData } = transaction
    return [isWrite, mayChange, deniesOutOfMemory, needsLoadedData]
  }
  expect(of('info')).toEqual([false, false, false, false])
  expect(of('info', 'get')).toEqual([false, false, false, true])
  expect(of('pfcount', 'info')).toEqual([false, true, false, true])
  expect(of('del', 'info')).toEqual([true, true, false, true])
  expect(of('info', 'set', 'info')).toEqual([true, true, true, true])
})
