/** Copies and comparisons agree with their plain counterparts, on both sides of every limit. */
import { expect, test } from 'vitest'
import {
  compareBytes,
  copyBytes,
  copyWholeWords,
  equalBytes,
  moveBytes,
} from '../../../src/arena/bytes.ts'
import { Random } from '../../../src/platform/random.ts'

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 63, 64, 65, 79, 80, 81, 127, 128, 129]
lengths.push(191, 192, 193, 255, 256, 257, 511, 512, 513, 1000)

function filled(random: Random, length: number): { bytes: Uint8Array; view: DataView } {
  const bytes = Uint8Array.from({ length }, () => random.below(256))
  return { bytes, view: new DataView(bytes.buffer) }
}

test('copyBytes copies exactly the range', () => {
  const random = new Random(1)
  for (const length of lengths) {
    const source = filled(random, length + 20)
    const target = filled(random, length + 20)
    const expected = target.bytes.slice()
    expected.set(source.bytes.subarray(3, 3 + length), 5)
    copyBytes(source.bytes, source.view, 3, target.bytes, target.view, 5, length)
    expect(target.bytes).toEqual(expected)
  }
})

test('copyWholeWords writes three bytes more at most, and reads nothing beyond the source', () => {
  const random = new Random(4)
  for (const length of [...lengths, 30, 32, 33, 34]) {
    for (const behind of [0, 1, 2, 3, 4, 20]) {
      const source = filled(random, length + 3 + behind)
      const target = filled(random, length + 20)
      const expected = target.bytes.slice()
      expected.set(source.bytes.subarray(3, 3 + length), 5)
      copyWholeWords(source.bytes, source.view, 3, target.bytes, target.view, 5, length)
      expect(target.bytes.subarray(0, 5 + length)).toEqual(expected.subarray(0, 5 + length))
      expect(target.bytes.subarray(8 + length)).toEqual(expected.subarray(8 + length))
    }
  }
})

test('moveBytes, and downwards copyBytes, serve ranges that overlap', () => {
  const random = new Random(2)
  for (const length of lengths) {
    for (const [from, to] of [
      [9, 8],
      [8, 9],
      [16, 11],
      [11, 16],
      [8, 8],
    ]) {
      const memory = filled(random, length + 32)
      const expected = memory.bytes.slice().copyWithin(to, from, from + length)
      const copied = memory.bytes.slice()
      moveBytes(memory.bytes, memory.view, from, to, length)
      expect(memory.bytes).toEqual(expected)
      if (to > from) continue
      const view = new DataView(copied.buffer)
      copyBytes(copied, view, from, copied, view, to, length)
      expect(copied).toEqual(expected)
    }
  }
})

test('equalBytes and compareBytes find a difference at any place', () => {
  const random = new Random(3)
  for (const length of lengths) {
    const a = filled(random, length + 8)
    const b = filled(random, length + 8)
    b.bytes.set(a.bytes.subarray(2, 2 + length), 5)
    const equal = () => equalBytes(a.bytes, a.view, 2, b.bytes, b.view, 5, length)
    const order = (aLength: number, bLength: number) =>
      Math.sign(compareBytes(a.bytes, a.view, 2, aLength, b.bytes, b.view, 5, bLength))
    expect(equal()).toBe(true)
    expect(order(length, length)).toBe(0)
    for (let i = 0; i < length; i++) {
      const kept = b.bytes[5 + i]
      b.bytes[5 + i] = kept ^ 0x80
      const expected = kept < 128 ? -1 : 1
      expect([equal(), order(length, length), order(length, i)]).toEqual([false, expected, 1])
      b.bytes[5 + i] = kept
    }
    if (length > 0) expect([order(length, length - 1), order(length - 1, length)]).toEqual([1, -1])
  }
})
