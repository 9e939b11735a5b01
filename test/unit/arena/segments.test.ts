/** What happens when segments run out, and when they are empty again. */
import { describe, expect, test } from 'vitest'
import { Runs } from '../../../src/arena/runs.ts'
import { Segments, SLAB_SEGMENT } from '../../../src/arena/segments.ts'
import { CLASS_COUNT } from '../../../src/arena/size-classes.ts'
import { SLAB_SHIFT, Slabs } from '../../../src/arena/slabs.ts'

function openSegments(segments: Segments): number {
  return segments.bytes.filter((bytes) => bytes.length > 0).length
}

describe('segments', () => {
  test('the memory that is not there is no segment', () => {
    const segments = new Segments()
    expect(segments.open(SLAB_SEGMENT, 2 ** 53)).toBe(-1)
    expect(segments.count).toBe(0)
  })

  test('slabs fill their segments, then fail, then are all to be had again', () => {
    const segments = new Segments(3)
    const live = new Float64Array(1)
    const slabs = new Slabs(segments, live)
    for (let round = 0; round < 2; round++) {
      const blocks: number[] = []
      for (;;) {
        const address = slabs.allocate(CLASS_COUNT)
        if (address === 0) break
        blocks.push(address)
      }
      // Four blocks a slab; the first slab is never used, so that no block has the address 0.
      expect(blocks.length).toBe(4 * (64 + 2 * 1024 - 1))
      expect(new Set(blocks).size).toBe(blocks.length)
      slabs.check(() => {})
      if (round === 0) for (const address of blocks) slabs.free(address, CLASS_COUNT)
      else for (const address of blocks.reverse()) slabs.free(address, CLASS_COUNT)
      slabs.check(() => {})
      expect(live[0]).toBe(0)
      expect(openSegments(segments)).toBeLessThanOrEqual(2)
    }
  })

  test('addresses of the upper half of the 32 bits work', () => {
    const segments = new Segments()
    // Pretends that the lower half of the segment numbers is taken.
    segments.kinds.fill(3, 0, 300)
    const slabs = new Slabs(segments, new Float64Array(1))
    const runs = new Runs(segments)
    const block = slabs.allocate(1)
    const run = runs.allocate(20)
    expect(block).toBeLessThan(0)
    expect(run).toBeLessThan(0)
    expect(slabs.classes[block >>> SLAB_SHIFT]).toBe(1)
    expect(slabs.statistics()[0]).toMatchObject({ slabs: 1, blocks: expect.any(Number), used: 1 })
    expect(runs.pagesAt(run)).toBe(20)
    slabs.free(block, 1)
    runs.free(run, 20)
    slabs.check(() => {})
    runs.check()
    expect(runs.usedPages).toBe(0)
  })

  test('runs fill their segments, then fail, and empty segments are dropped but for one', () => {
    const segments = new Segments(4)
    const runs = new Runs(segments)
    const found: number[] = []
    for (let run = runs.allocate(4096); run !== 0; run = runs.allocate(4096)) found.push(run)
    expect(found.length).toBe(3 * 4)
    runs.check()
    for (let i = 0; i < found.length; i++) runs.free(found[(i * 5) % found.length], 4096)
    runs.check()
    expect(openSegments(segments)).toBe(1)
  })
})
