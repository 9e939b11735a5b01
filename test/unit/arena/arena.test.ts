/** Blocks of all three kinds: sizes, reuse, failure, huge blocks, and what the debug switch finds. */
import { describe, expect, test } from 'vitest'
import {
  type Address,
  Arena,
  largestBlockBytes,
  NULL,
  OFFSET_MASK,
  SEGMENT_SHIFT,
} from '../../../src/arena/arena.ts'
import { CLASS_BLOCKS, CLASS_BYTES, CLASS_COUNT } from '../../../src/arena/size-classes.ts'

const KB = 1024
const MB = 1024 * KB

function viewOf(arena: Arena, address: Address): DataView {
  return arena.views[address >>> SEGMENT_SHIFT]
}

function offsetOf(address: Address): number {
  return (address & OFFSET_MASK) << 3
}

function emptied(arena: Arena): void {
  arena.check()
  expect(arena.liveBytes).toBe(0)
}

describe('size classes', () => {
  test('rise in multiples of 8, fill their slabs, and waste little', () => {
    for (let i = 1; i <= CLASS_COUNT; i++) {
      expect(CLASS_BYTES[i] % 8).toBe(0)
      expect(CLASS_BYTES[i]).toBeGreaterThan(CLASS_BYTES[i - 1])
      expect(CLASS_BYTES[i] * CLASS_BLOCKS[i]).toBeGreaterThan(65536 * 0.98)
      if (i > 16 && CLASS_BYTES[i] <= 8192) {
        expect(CLASS_BYTES[i] / CLASS_BYTES[i - 1]).toBeLessThan(1.145)
      }
    }
    for (const bytes of [8, 128, 5456, 6552, 8192, 10920, 13104, 16384]) {
      expect(CLASS_BYTES).toContain(bytes)
    }
  })

  test('every request up to the largest small one fits its block', () => {
    const arena = new Arena()
    let before = 0
    for (let bytes = 0; bytes <= 17 * KB; bytes++) {
      const usable = arena.usableBytes(bytes)
      expect(usable >= bytes && usable >= before).toBe(true)
      before = usable
    }
    for (const bytes of [
      0,
      1,
      8,
      9,
      40,
      129,
      16 * KB,
      16 * KB + 1,
      32 * KB,
      5 * MB,
      32 * MB,
      32 * MB + 1,
    ]) {
      const address = arena.allocate(bytes)
      expect(arena.capacity(address)).toBe(arena.usableBytes(bytes))
      expect(arena.liveBytes).toBe(arena.usableBytes(bytes))
      arena.check()
      arena.free(address)
    }
    emptied(arena)
  })
})

describe.each([false, true])('arena, debug %s', (debug) => {
  test('blocks do not overlap and keep their content', () => {
    const arena = new Arena({ debug })
    const blocks: Address[] = []
    for (let i = 0; i < 5000; i++) {
      const address = arena.allocate(4 + (i % 300))
      expect(address).not.toBe(NULL)
      viewOf(arena, address).setInt32(offsetOf(address), i, true)
      blocks.push(address)
    }
    for (let i = 0; i < 5000; i++) {
      expect(viewOf(arena, blocks[i]).getInt32(offsetOf(blocks[i]), true)).toBe(i)
    }
    arena.check()
    for (const address of blocks) arena.free(address)
    emptied(arena)
  })

  test('memory of one class serves another', () => {
    const arena = new Arena({ debug })
    let most = 0
    for (const bytes of [24, 500, 3000, 16, 9000]) {
      const blocks: Address[] = []
      for (let left = 4 * MB; left > 0; left -= bytes) blocks.push(arena.allocate(bytes))
      most = Math.max(most, arena.reservedBytes)
      for (const address of blocks) arena.free(address)
      emptied(arena)
    }
    expect(most).toBeLessThan(8 * MB)
    expect(arena.bytes.map(({ length }) => length)).toEqual([4 * MB, 64 * MB])
  })

  test('runs are joined again, in whatever order they are freed', () => {
    const arena = new Arena({ debug })
    for (const order of [1, 3, 7, 11]) {
      const blocks: Address[] = []
      for (let i = 0; i < 16; i++) blocks.push(arena.allocate(2 * MB - 8))
      for (let i = 0; i < 16; i++) {
        arena.free(blocks[(i * order) % 16])
        arena.check()
      }
      const whole = arena.allocate(32 * MB - 8)
      expect(whole).not.toBe(NULL)
      arena.free(whole)
      emptied(arena)
      expect(arena.views.length).toBe(2)
    }
  })

  test('the nth allocation fails when told to, once', () => {
    const arena = new Arena({ debug })
    arena.failAfter(3)
    const blocks = [10, 40 * KB, 20, 30].map((bytes) => arena.allocate(bytes))
    expect(blocks.map((address) => address === NULL)).toEqual([false, false, true, false])
    arena.failAfter(1)
    arena.failAfter(0)
    const last = arena.allocate(50)
    expect(last).not.toBe(NULL)
    for (const address of [...blocks, last]) if (address !== NULL) arena.free(address)
    emptied(arena)
  })

  test('reset frees everything', () => {
    const arena = new Arena({ debug })
    for (const bytes of [8, 1000, 100 * KB, 40 * MB]) arena.allocate(bytes)
    arena.reset()
    expect(arena.reservedBytes).toBe(0)
    expect(arena.bytes.filter((bytes) => bytes.length > 0).length).toBe(1)
    emptied(arena)
    const again = [8, 1000, 100 * KB, 40 * MB].map((bytes) => arena.allocate(bytes))
    arena.check()
    for (const address of again) arena.free(address)
    emptied(arena)
  })

  test('a huge block is one stretch of memory, and its segment is used again', () => {
    const arena = new Arena({ debug })
    const small = arena.allocate(16)
    for (let i = 0; i < 2; i++) {
      const huge = arena.allocate(600 * MB)
      expect(arena.capacity(huge)).toBeGreaterThanOrEqual(600 * MB)
      const bytes = arena.bytes[huge >>> SEGMENT_SHIFT]
      const base = offsetOf(huge)
      bytes[base] = 1
      bytes[base + 600 * MB - 1] = 2
      const view = viewOf(arena, huge)
      expect([view.getUint8(base), view.getUint8(base + 600 * MB - 1)]).toEqual([1, 2])
      expect(arena.liveBytes).toBe(arena.capacity(small) + arena.capacity(huge))
      arena.check()
      arena.free(huge)
      expect(arena.views.length).toBe(2)
    }
    arena.free(small)
    emptied(arena)
  })

  test('what cannot be had is NULL, what makes no sense throws', () => {
    const arena = new Arena({ debug })
    expect(arena.allocate(largestBlockBytes + 1)).toBe(NULL)
    expect(arena.allocate(2 ** 32 + 5)).toBe(NULL)
    expect(arena.allocate(2 ** 53)).toBe(NULL)
    for (const bytes of [-1, -(2 ** 40), Number.NaN]) {
      expect(() => arena.allocate(bytes)).toThrow(RangeError)
    }
    expect(() => arena.free(NULL)).toThrow('address 0')
    expect(() => arena.free(-8 as Address)).toThrow('address 4294967288')
    emptied(arena)
  })
})

describe('the debug switch', () => {
  test.each([1, 40, 4000, 50 * KB, 33 * MB])('finds an overrun of a block of %d bytes', (bytes) => {
    const arena = new Arena({ debug: true })
    const address = arena.allocate(bytes)
    const capacity = arena.capacity(address)
    expect(capacity).toBe(Math.ceil(bytes / 8) * 8)
    arena.check()
    viewOf(arena, address).setUint8(offsetOf(address) + capacity, 1)
    expect(() => arena.check()).toThrow('written beyond')
    expect(() => arena.free(address)).toThrow('written beyond')
  })

  test.each([24, 4000, 50 * KB])('finds a write to a freed block of %d bytes', (bytes) => {
    const arena = new Arena({ debug: true })
    arena.allocate(bytes)
    const address = arena.allocate(bytes)
    arena.free(address)
    arena.check()
    viewOf(arena, address).setUint8(offsetOf(address) + 8, 1)
    expect(() => arena.check()).toThrow('written to')
    expect(() => arena.allocate(bytes)).toThrow('written to')
  })

  test.each([24, 50 * KB, 33 * MB])('finds a block of %d bytes freed twice', (bytes) => {
    const arena = new Arena({ debug: true })
    const other = arena.allocate(bytes)
    const address = arena.allocate(bytes)
    arena.free(address)
    expect(() => arena.free(address)).toThrow('no live block')
    expect(() => arena.free((other + 1) as Address)).toThrow('no live block')
    arena.check()
  })

  test('fills new blocks, so that nobody counts on zeroes', () => {
    const arena = new Arena({ debug: true })
    for (const bytes of [24, 50 * KB]) {
      const address = arena.allocate(bytes)
      expect(viewOf(arena, address).getUint8(offsetOf(address) + bytes - 1)).toBe(0xdd)
    }
  })
})

describe('check', () => {
  test('finds a free list that was written over', () => {
    const arena = new Arena()
    arena.allocate(24)
    const address = arena.allocate(24)
    arena.free(address)
    arena.check()
    viewOf(arena, address).setInt32(offsetOf(address), 3, true)
    expect(() => arena.check()).toThrow('free list')
  })
})

test('purge drops empty segments, and what is allocated afterwards is sound', () => {
  const arena = new Arena({ debug: true })
  const small = Array.from({ length: 3000 }, (_, i) => arena.allocate(i % 300))
  const large = Array.from({ length: 20 }, (_, i) => arena.allocate((i + 5) * 10 * KB))
  const huge = arena.allocate(40 * MB)
  arena.purge()
  arena.check()
  const { touchedBytes } = arena
  expect(touchedBytes).toBeGreaterThanOrEqual(arena.reservedBytes)
  for (const address of [...small, ...large, huge]) arena.free(address)
  expect(arena.touchedBytes).toBeGreaterThan(0)
  expect(arena.touchedBytes).toBeLessThan(touchedBytes - 39 * MB)
  arena.purge()
  expect(arena.touchedBytes).toBe(0)
  expect(arena.reservedBytes).toBe(0)
  emptied(arena)
  const again = [arena.allocate(10), arena.allocate(100 * KB)]
  expect(again).not.toContain(NULL)
  arena.check()
  for (const address of again) arena.free(address)
  emptied(arena)
})
