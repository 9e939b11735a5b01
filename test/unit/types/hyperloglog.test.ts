/**
 * The HyperLogLog apart from commands: the hash beside an independent one in BigInt, the format's
 * bytes, both forms beside a plain array of registers, corrupted opcodes, and the error.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  countPlainRegisters,
  countRegisters,
  DENSE_BYTES,
  dropCount,
  HEADER_BYTES,
  hasCount,
  isHyperLogLog,
  keepCount,
  keptCount,
  mergeRegisters,
} from '../../../src/types/hyperloglog.ts'
import {
  addDenseHistogram,
  DENSE_REGISTER_BYTES,
  denseRegister,
  mergeDense,
  raiseDenseRegister,
  raiseDenseRegisters,
  setDenseRegister,
} from '../../../src/types/hyperloglog-dense.ts'
import { HyperLogLogDraft } from '../../../src/types/hyperloglog-draft.ts'
import { elementPattern, REGISTERS } from '../../../src/types/hyperloglog-hash.ts'
import {
  addSparseHistogram,
  CHANGED,
  CORRUPTED,
  decodeSparse,
  mergeSparse,
  SPARSE_OPCODES_MAX_BYTES,
  sparseToDense,
  UNCHANGED,
} from '../../../src/types/hyperloglog-sparse.ts'

const WORD = 2n ** 64n - 1n
const M = 0xc6a4a7935bd1e995n

/** MurmurHash64A as its author wrote it down, in integers of 64 bits. */
function murmurHash64A(data: Uint8Array, seed: bigint): bigint {
  const word = (at: number, length: number): bigint => {
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(data[at + i]!)
    return value
  }
  let h = seed ^ ((BigInt(data.length) * M) & WORD)
  const whole = data.length - (data.length % 8)
  for (let at = 0; at < whole; at += 8) {
    let k = (word(at, 8) * M) & WORD
    k ^= k >> 47n
    h = ((h ^ ((k * M) & WORD)) * M) & WORD
  }
  if (whole < data.length) h = ((h ^ word(whole, data.length - whole)) * M) & WORD
  h ^= h >> 47n
  h = (h * M) & WORD
  return h ^ (h >> 47n)
}

function expectedPattern(data: Uint8Array): { index: number; count: number } {
  const hash = murmurHash64A(data, 0xadc83b19n)
  let rest = hash >> 14n
  let count = 1
  while ((rest & 1n) === 0n && count <= 50) {
    rest >>= 1n
    count++
  }
  return { index: Number(hash & 16383n), count }
}

function pattern(data: Uint8Array): { index: number; count: number } {
  // At an odd place, between bytes that must not matter.
  const memory = new Uint8Array(data.length + 20).fill(0xa5)
  memory.set(data, 3)
  const packed = elementPattern(new DataView(memory.buffer), 3, 3 + data.length)
  return { index: packed & 16383, count: packed >>> 14 }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const opcodes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** Numbers that look random and are the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

describe('the hash', () => {
  test('is MurmurHash64A for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(pattern(data)).toEqual(expectedPattern(data))
      }),
      { numRuns: 2000, seed: 1 },
    )
  })

  test('at every length, with bytes of every sign', () => {
    for (let length = 0; length < 70; length++) {
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        const data = new Uint8Array(length).fill(byte)
        expect(pattern(data)).toEqual(expectedPattern(data))
      }
    }
  })

  test('of long data', () => {
    const data = Uint8Array.from({ length: 100_003 }, (_, i) => (i * i) & 255)
    expect(pattern(data)).toEqual(expectedPattern(data))
  })

  test('counts runs that go beyond the lower half', () => {
    let longest = 0
    const data = new Uint8Array(8)
    const view = new DataView(data.buffer)
    for (let i = 0; i < 200_000; i++) {
      view.setInt32(0, i, true)
      longest = Math.max(longest, elementPattern(view, 0, 8) >>> 14)
    }
    expect(longest).toBeGreaterThanOrEqual(17)
    expect(longest).toBeLessThanOrEqual(51)
  })
})

describe('the dense form', () => {
  test('keeps registers apart, and nothing beyond them', () => {
    const next = generator(5)
    const bytes = new Uint8Array(DENSE_REGISTER_BYTES + 10).fill(0xee)
    bytes.fill(0, 5, 5 + DENSE_REGISTER_BYTES)
    const expected = new Uint8Array(REGISTERS)
    for (let i = 0; i < 60_000; i++) {
      const index = i < REGISTERS ? i : next(REGISTERS)
      expected[index] = next(64)
      setDenseRegister(bytes, 5, index, expected[index]!)
    }
    for (let i = 0; i < REGISTERS; i++) expect(denseRegister(bytes, 5, i)).toBe(expected[i])
    expect([...bytes.subarray(0, 5)]).toEqual(Array(5).fill(0xee))
    expect([...bytes.subarray(-5)]).toEqual(Array(5).fill(0xee))

    const histogram = new Int32Array(64)
    addDenseHistogram(bytes, 5, histogram)
    const counted = new Int32Array(64)
    for (const value of expected) counted[value]!++
    expect(histogram).toEqual(counted)

    const maximum = Uint8Array.from({ length: REGISTERS }, () => next(64))
    const merged = maximum.map((value, i) => Math.max(value, expected[i]!))
    mergeDense(bytes, 5, maximum)
    expect(maximum).toEqual(merged)
    const others = Uint8Array.from({ length: REGISTERS }, () => next(64))
    raiseDenseRegisters(bytes, 5, others)
    for (let i = 0; i < REGISTERS; i++) {
      expect(denseRegister(bytes, 5, i)).toBe(Math.max(others[i]!, expected[i]!))
    }
    expect([...bytes.subarray(-5)]).toEqual(Array(5).fill(0xee))
  })

  test('raises only', () => {
    const bytes = new Uint8Array(DENSE_REGISTER_BYTES)
    expect(raiseDenseRegister(bytes, 0, 16383, 5)).toBe(true)
    expect(raiseDenseRegister(bytes, 0, 16383, 5)).toBe(false)
    expect(raiseDenseRegister(bytes, 0, 16383, 4)).toBe(false)
    expect(bytes.at(-1)).toBe(5 << 2)
  })
})

describe('the sparse form', () => {
  const decoded = (draft: HyperLogLogDraft): string | null =>
    decodeSparse(draft.bytes, HEADER_BYTES, draft.length)

  test('is split and joined as Redis does', () => {
    const draft = new HyperLogLogDraft()
    draft.begin()
    expect(latin1(draft.bytes.subarray(0, draft.length))).toBe(
      'HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff',
    )
    const steps: [index: number, value: number, text: string][] = [
      [1000, 3, 'Z:1000 v:3,1 Z:15383'],
      [1001, 3, 'Z:1000 v:3,2 Z:15382'],
      [1003, 3, 'Z:1000 v:3,2 z:1 v:3,1 Z:15380'],
      [1002, 3, 'Z:1000 v:3,4 Z:15380'],
      [1004, 3, 'Z:1000 v:3,4 v:3,1 Z:15379'],
      [1001, 32, 'Z:1000 v:3,1 v:32,1 v:3,3 Z:15379'],
      [0, 1, 'v:1,1 Z:999 v:3,1 v:32,1 v:3,3 Z:15379'],
      [16383, 2, 'v:1,1 Z:999 v:3,1 v:32,1 v:3,3 Z:15378 v:2,1'],
      [940, 1, 'v:1,1 Z:939 v:1,1 z:59 v:3,1 v:32,1 v:3,3 Z:15378 v:2,1'],
    ]
    for (const [index, value, text] of steps) {
      expect(draft.raise(index, value, 3000)).toBe(CHANGED)
      expect(decoded(draft)).toBe(text)
      expect(draft.raise(index, value, 3000)).toBe(UNCHANGED)
    }
    expect(hasCount(draft.bytes, 0)).toBe(false)
  })

  test('becomes dense for a value above 32, or when it would grow too long', () => {
    const draft = new HyperLogLogDraft()
    draft.begin()
    expect(draft.raise(7, 33, 3000)).toBe(CHANGED)
    expect([draft.isDense, draft.length]).toEqual([true, DENSE_BYTES])
    expect(denseRegister(draft.bytes, HEADER_BYTES, 7)).toBe(33)
    draft.begin()
    expect(draft.isDense).toBe(false)
    expect(draft.raise(1000, 5, 21)).toBe(CHANGED)
    expect(draft.isDense).toBe(false)
    expect(draft.raise(1000, 6, 18)).toBe(CHANGED)
    expect(draft.isDense).toBe(false)
    expect(draft.raise(2000, 6, 21)).toBe(CHANGED)
    expect(draft.isDense).toBe(true)
    expect(denseRegister(draft.bytes, HEADER_BYTES, 1000)).toBe(6)
    expect(denseRegister(draft.bytes, HEADER_BYTES, 2000)).toBe(6)
  })

  test('has the registers of a plain array, whatever is raised', () => {
    const change = fc.tuple(
      fc.oneof(fc.nat(REGISTERS - 1), fc.nat(40), fc.integer({ min: 500, max: 580 })),
      fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 34 })),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), fc.integer(), (changes, maxBytes) => {
        const limit = Math.abs(maxBytes % 400)
        const draft = new HyperLogLogDraft()
        const expected = new Uint8Array(REGISTERS)
        draft.begin()
        for (const [index, value] of changes) {
          const result = draft.raise(index, value, limit)
          expect(result).toBe(value > expected[index]! ? CHANGED : UNCHANGED)
          expected[index] = Math.max(expected[index]!, value)
        }
        const actual = new Uint8Array(REGISTERS)
        expect(mergeRegisters(draft.bytes, 0, draft.length, actual)).toBe(true)
        expect(Buffer.compare(actual, expected)).toBe(0)
        const count = countRegisters(draft.bytes, 0, draft.length)
        expect(count).toBe(countPlainRegisters(expected))
        const copy = new HyperLogLogDraft()
        if (draft.isDense) return
        expect(copy.load(draft.bytes, 0, draft.length)).toBe(true)
        expect(copy.makeDense()).toBe(true)
        expect(countRegisters(copy.bytes, 0, copy.length)).toBe(count)
      }),
      { numRuns: 150, seed: 3 },
    )
  })

  test('raising all at once gives the bytes of raising one by one', () => {
    const next = generator(11)
    for (let round = 0; round < 40; round++) {
      const [one, all] = [new HyperLogLogDraft(), new HyperLogLogDraft()]
      one.begin()
      all.begin()
      for (let i = 0; i < 100; i++) {
        const [index, value] = [next(round % 2 === 0 ? 300 : REGISTERS), 1 + next(3)]
        one.raise(index, value, 3000)
        all.raise(index, value, 3000)
      }
      const maximum = new Uint8Array(REGISTERS)
      expect(mergeRegisters(one.bytes, 0, one.length, maximum)).toBe(true)
      for (let i = 0; i < 200; i++) {
        const index = next(round % 2 === 0 ? 300 : REGISTERS)
        maximum[index] = Math.max(maximum[index]!, 1 + next(4))
      }
      const limit = round % 3 === 0 ? 400 : 3000
      for (let i = 0; i < REGISTERS; i++) if (maximum[i] !== 0) one.raise(i, maximum[i]!, limit)
      dropCount(one.bytes, 0)
      expect(all.raiseAll(maximum, limit)).toBe(true)
      expect(all.length).toBe(one.length)
      const [a, b] = [one, all].map(({ bytes, length }) => bytes.subarray(0, length))
      expect(Buffer.compare(a, b)).toBe(0)
    }
  })

  test('opcodes that do not add up are told', () => {
    const wrong = [
      '',
      '\x7f',
      '\x7f\xfe',
      '\x7f\xff\0',
      '\x7f\xff\x80',
      '\x7f\xfd\x83',
      '\x83\x7f\xff',
      '\x7f\xff\x7f',
      '\x7e\xff\x7f',
      '\xff'.repeat(4097),
      '\x40\0'.repeat(SPARSE_OPCODES_MAX_BYTES / 2 + 1),
      '\0'.repeat(SPARSE_OPCODES_MAX_BYTES + 1),
    ].map(opcodes)
    for (const bytes of wrong) {
      // What lies behind the end must not count.
      const memory = new Uint8Array(bytes.length + 8).fill(0xff)
      memory.set(bytes, 4)
      const end = bytes.length + 4
      expect(addSparseHistogram(memory, 4, end, new Int32Array(64))).toBe(false)
      expect(mergeSparse(memory, 4, end, new Uint8Array(REGISTERS))).toBe(false)
      const dense = new Uint8Array(DENSE_REGISTER_BYTES)
      expect(sparseToDense(memory, 4, end, dense, 0)).toBe(false)
    }
    expect(decodeSparse(opcodes('\x7f\xffhello'), 0, 7)).toBeNull()
    expect(decodeSparse(opcodes('\x7f\xffhell'), 0, 6)).toBe('Z:16384 Z:10342 Z:11373')
    const sound = ['\x7f\xff', '\x80'.repeat(16384), '\x40\0'.repeat(16384)].map(opcodes)
    for (const bytes of sound) {
      expect(addSparseHistogram(bytes, 0, bytes.length, new Int32Array(64))).toBe(true)
    }
  })

  test('arbitrary opcodes never lead beyond the end', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.tuple(fc.nat(REGISTERS - 1), fc.integer({ min: 1, max: 51 })), {
          maxLength: 30,
        }),
        (bytes, changes) => {
          const source = new Uint8Array(HEADER_BYTES + bytes.length)
          source.set(bytes, HEADER_BYTES)
          const draft = new HyperLogLogDraft()
          draft.begin()
          expect(draft.load(source, 0, source.length)).toBe(true)
          for (const [index, value] of changes) {
            const before = draft.bytes.slice(0, draft.length)
            if (draft.raise(index, value, 3000) !== CORRUPTED) continue
            expect(Buffer.compare(draft.bytes.subarray(0, draft.length), before)).toBe(0)
          }
          expect(draft.length).toBeLessThanOrEqual(DENSE_BYTES)
        },
      ),
      { numRuns: 500, seed: 9 },
    )
  })

  test('one that is longer than any sound one is not taken', () => {
    const draft = new HyperLogLogDraft()
    const long = new Uint8Array(HEADER_BYTES + SPARSE_OPCODES_MAX_BYTES + 1)
    expect(draft.load(long, 0, long.length)).toBe(false)
    long.fill(0x80)
    expect(draft.load(long, 0, long.length - 1)).toBe(true)
    expect(draft.raise(REGISTERS - 1, 9, 1e9)).toBe(CHANGED)
  })
})

describe('the header', () => {
  const check = (text: string): boolean => {
    const bytes = opcodes(`x${text}y`)
    return isHyperLogLog(new DataView(bytes.buffer), 1, bytes.length - 1)
  }

  test('is looked at as a whole', () => {
    expect(check(`HYLL\x01${'\0'.repeat(11)}`)).toBe(true)
    expect(check(`HYLL\x01${'\0'.repeat(10)}`)).toBe(false)
    expect(check(`HYLX\x01${'\0'.repeat(11)}`)).toBe(false)
    expect(check(`HYLL\x02${'\0'.repeat(11)}`)).toBe(false)
    expect(check(`HYLL${'\0'.repeat(DENSE_BYTES - 4)}`)).toBe(true)
    expect(check(`HYLL${'\0'.repeat(DENSE_BYTES - 5)}`)).toBe(false)
    expect(check(`HYLL${'\0'.repeat(DENSE_BYTES - 3)}`)).toBe(false)
    expect(check('')).toBe(false)
  })

  test('keeps counts of any size, little endian', () => {
    const bytes = new Uint8Array(17)
    const view = new DataView(bytes.buffer)
    for (const count of [0, 1, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER, 2n ** 53n]) {
      keepCount(view, 1, count)
      expect(keptCount(view, 1)).toBe(count)
      expect(hasCount(bytes, 1)).toBe(true)
    }
    keepCount(view, 1, 0x010203040506)
    expect([...bytes.subarray(9)]).toEqual([6, 5, 4, 3, 2, 1, 0, 0])
    dropCount(bytes, 1)
    expect(hasCount(bytes, 1)).toBe(false)
    expect(bytes[16]).toBe(0x80)
  })
})

describe('the count', () => {
  /** The relative error of the count of `size` elements that `seed` chooses. */
  function relativeError(size: number, seed: number): number {
    const registers = new Uint8Array(REGISTERS)
    const view = new DataView(new ArrayBuffer(8))
    view.setInt32(4, seed, true)
    for (let i = 0; i < size; i++) {
      view.setInt32(0, i, true)
      const packed = elementPattern(view, 0, 8)
      const index = packed & (REGISTERS - 1)
      registers[index] = Math.max(registers[index]!, packed >>> 14)
    }
    return (Number(countPlainRegisters(registers)) - size) / size
  }

  test.each([10, 100, 1000, 10_000, 50_000, 200_000])(
    'of %i elements is right to 0.81 %% on average',
    (size) => {
      const errors = Array.from({ length: 12 }, (_, seed) => relativeError(size, seed))
      const average = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length
      expect(average).toBeLessThan(0.0081)
    },
  )

  test('of nothing is 0, and of registers beyond all hashes what Redis answers', () => {
    expect(countPlainRegisters(new Uint8Array(REGISTERS))).toBe(0)
    expect(countPlainRegisters(new Uint8Array(REGISTERS).fill(63))).toBe(-(2n ** 63n))
  })
})
