/** Bits of strings beside plain arrays of bits, wherever the strings begin in their memory. */
import { expect, test } from 'vitest'
import { Random } from '../../../src/platform/random.ts'
import { type BitOperation, combineBits } from '../../../src/types/bit-operation.ts'
import {
  addToField,
  type FieldType,
  type Overflow,
  readField,
  setField,
  writeField,
} from '../../../src/types/bitfield.ts'
import { countBitRange, countBits, findBit } from '../../../src/types/bitmap.ts'

const SEED = 5

interface Sample {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
}

/** A string of random bytes in a memory that is full of others: somewhere, or at `start`. */
function sample(random: Random, length: number, density: number, start = random.below(9)): Sample {
  const bytes = new Uint8Array(start + length + 20).fill(0xa5)
  for (let i = 0; i < length; i++) {
    const chance = random.below(density)
    bytes[start + i] = chance === 0 ? random.below(256) : chance === 1 ? 0xff : 0
  }
  return { bytes, view: new DataView(bytes.buffer), start, end: start + length }
}

/** The bits of a string, one by one. */
function bitsOf({ bytes, start, end }: Sample): number[] {
  return [...bytes.subarray(start, end)].flatMap((byte) =>
    Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1),
  )
}

const sum = (bits: readonly number[]): number => bits.reduce((total, bit) => total + bit, 0)

test('bits are counted', () => {
  const random = new Random(SEED)
  for (let length = 0; length < 150; length++) {
    const one = sample(random, length, 3)
    const bits = bitsOf(one)
    expect(countBits(one.view, one.start, one.end)).toBe(sum(bits))
    for (let i = 0; i < 20; i++) {
      const from = random.below(bits.length + 1)
      const to = from + random.below(bits.length + 1 - from)
      expect(countBitRange(one.view, one.start, from, to)).toBe(sum(bits.slice(from, to)))
    }
  }
  const full = new Uint8Array(100_000).fill(0xff)
  expect(countBits(new DataView(full.buffer), 0, full.length)).toBe(800_000)
})

test('the first bit of a kind is found', () => {
  const random = new Random(SEED)
  for (let i = 0; i < 3000; i++) {
    const one = sample(random, random.below(90), 40)
    if (random.below(2) === 0) {
      for (let at = one.start; at < one.end; at++) one.bytes[at]! ^= 0xff
    }
    const bits = bitsOf(one)
    const from = random.below(bits.length + 1)
    const to = from + random.below(bits.length + 1 - from)
    for (const bit of [0, 1]) {
      const at = bits.slice(from, to).indexOf(bit)
      expect(findBit(one.view, one.start, from, to, bit)).toBe(at < 0 ? -1 : from + at)
    }
  }
})

test('the first bit of a kind is found behind long runs of the other', () => {
  const random = new Random(SEED)
  const one = sample(random, 300_000, 1)
  for (const other of [0, 0xff]) {
    one.bytes.fill(other, one.start, one.end)
    const bit = other === 0 ? 1 : 0
    expect(findBit(one.view, one.start, 3, 8 * 300_000, bit)).toBe(-1)
    expect(findBit(one.view, one.start, 0, 8 * 300_000, 1 - bit)).toBe(0)
    for (let i = 0; i < 200; i++) {
      const at = random.below(300_000)
      one.bytes[one.start + at]! ^= 0x10
      const from = random.below(at * 8 + 4)
      expect(findBit(one.view, one.start, from, 8 * 300_000, bit)).toBe(at * 8 + 3)
      one.bytes[one.start + at]! ^= 0x10
    }
  }
})

const OPERATIONS: Record<BitOperation, (a: number, b: number) => number> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  not: (a) => a ^ 0xff,
}

test('strings are combined', () => {
  const random = new Random(SEED)
  for (let i = 0; i < 1500; i++) {
    const operation = (['and', 'or', 'xor', 'not'] as const)[random.below(4)]!
    // Every other time all lie at multiples of eight bytes, where whole words are worked on.
    const start = i % 2 === 0 ? 8 : undefined
    const sources = Array.from({ length: operation === 'not' ? 1 : 1 + random.below(4) }, () =>
      sample(random, random.below(random.below(3) === 0 ? 900 : 70), 2, start),
    )
    const lists = sources.map(({ bytes, start, end }) => [...bytes.subarray(start, end)])
    const longest = Math.max(...lists.map(({ length }) => length))
    const padded = lists.map((list) => [...list, ...Array<number>(longest - list.length).fill(0)])
    const target = sample(random, longest, 2, start)
    const [first, ...others] = padded
    const expected =
      operation === 'not'
        ? first!.map((byte) => OPERATIONS.not(byte, 0))
        : others.reduce(
            (sum, other) => sum.map((byte, at) => OPERATIONS[operation](byte, other[at]!)),
            first!,
          )
    combineBits(operation, target, sources, sources.length)
    expect([...target.bytes.subarray(target.start, target.end)]).toEqual(expected)
    expect(target.bytes.subarray(target.end).every((byte) => byte === 0xa5)).toBe(true)
    expect(target.bytes.subarray(0, target.start).every((byte) => byte === 0xa5)).toBe(true)
  }
})

/** The integer that bits stand for. */
function fromBits(bits: readonly number[], isSigned: boolean): bigint {
  const value = bits.reduce((total, bit) => total * 2n + BigInt(bit), 0n)
  return isSigned ? BigInt.asIntN(bits.length, value) : value
}

function randomType(random: Random): FieldType {
  const isSigned = random.below(2) === 0
  return { isSigned, bits: 1 + random.below(isSigned ? 64 : 63) }
}

/** An integer of 64 bits: any, a small one, or one at an edge. */
function randomInteger(random: Random): bigint {
  const edge = (1n << BigInt(random.below(64))) + BigInt(random.below(3) - 1)
  const signed = random.below(2) === 0 ? edge : -edge
  const any = (BigInt(random.int32()) << 32n) | BigInt(random.int32() >>> 0)
  return BigInt.asIntN(64, random.below(3) === 0 ? any : signed)
}

/** In the form in which commands parse it. */
function asParsed(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

test('integers are read and written, and nothing beside them', () => {
  const random = new Random(SEED)
  for (let i = 0; i < 5000; i++) {
    const one = sample(random, 12, 1)
    const type = randomType(random)
    const offset = random.below(12 * 8 - type.bits + 1)
    const bits = bitsOf(one)
    const read = readField(one.view, one.start, one.end, offset, type)
    const field = bits.slice(offset, offset + type.bits)
    expect(BigInt(read)).toBe(fromBits(field, type.isSigned))
    const value = setField(type, asParsed(randomInteger(random)), 'wrap')!
    writeField(one.view, one.start, offset, type, value)
    const after = bitsOf(one)
    expect(fromBits(after.slice(offset, offset + type.bits), type.isSigned)).toBe(BigInt(value))
    expect(readField(one.view, one.start, one.end, offset, type)).toBe(value)
    expect(after.toSpliced(offset, type.bits)).toEqual(bits.toSpliced(offset, type.bits))
  }
})

test('behind the end all is zero', () => {
  const bytes = new Uint8Array([0xff, 0xff, 0xff])
  const view = new DataView(bytes.buffer)
  const read = (offset: number, bits: number, isSigned = false): number | bigint =>
    readField(view, 0, 2, offset, { bits, isSigned })
  expect(read(12, 8)).toBe(0xf0)
  expect(read(16, 8)).toBe(0)
  expect(read(8, 63)).toBe(0xffn << 55n)
  expect(read(8, 40)).toBe(0xff * 2 ** 32)
  expect(read(8, 64, true)).toBe(-(1n << 56n))
  expect(read(2 ** 33, 64, true)).toBe(0)
})

/** What fits, as it would be reckoned without any limits. */
function fitting(type: FieldType, value: bigint, overflow: Overflow): bigint | null {
  const bits = BigInt(type.bits)
  const max = type.isSigned ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n
  const min = type.isSigned ? -(2n ** (bits - 1n)) : 0n
  if (value >= min && value <= max) return value
  if (overflow === 'fail') return null
  if (overflow === 'saturate') return value > max ? max : min
  return type.isSigned ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value)
}

test('sums wrap, saturate or fail', () => {
  const random = new Random(SEED)
  for (let i = 0; i < 20_000; i++) {
    const type = randomType(random)
    const overflow = (['wrap', 'saturate', 'fail'] as const)[random.below(3)]!
    const value = setField(type, asParsed(randomInteger(random)), 'wrap')!
    const increment = randomInteger(random)
    const sum = addToField(type, value, asParsed(increment), overflow)
    const expected = fitting(type, BigInt(value) + increment, overflow)
    expect(sum === null ? null : BigInt(sum)).toBe(expected)
  }
})

test('setting an unsigned integer below zero is setting a large one', () => {
  const type = { bits: 8, isSigned: false }
  expect(setField(type, -1, 'saturate')).toBe(255)
  expect(setField(type, -1, 'wrap')).toBe(255)
  expect(setField(type, -256, 'wrap')).toBe(0)
  expect(setField(type, -1, 'fail')).toBe(null)
})

test('the least integers count as too large, as in Redis', () => {
  const type = { bits: 8, isSigned: true }
  expect(setField(type, -(2n ** 63n), 'saturate')).toBe(127)
  expect(setField(type, 127n - 2n ** 63n, 'saturate')).toBe(127)
  expect(setField(type, 128n - 2n ** 63n, 'saturate')).toBe(-128)
  expect(setField({ bits: 64, isSigned: true }, -(2n ** 63n), 'saturate')).toBe(-(2n ** 63n))
})
