/** Random allocation: contents survive, accounts balance, and freed memory is used again. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, Arena, NULL, OFFSET_MASK, SEGMENT_SHIFT } from '../../../src/arena/arena.ts'
import { Random } from '../../../src/platform/random.ts'

interface Block {
  address: Address
  bytes: number
  mark: number
}

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 32_000, max: 400_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 30 << 20, max: 36 << 20 }) },
)

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ bytes: size, count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ pick: fc.nat(), count: fc.integer({ min: 1, max: 60 }) }) },
)

/** Writes the mark to both ends of a block. */
function write(arena: Arena, { address, bytes, mark }: Block): void {
  const memory = arena.bytes[address >>> SEGMENT_SHIFT]
  const offset = (address & OFFSET_MASK) << 3
  memory.fill(mark, offset, offset + Math.min(bytes, 64))
  memory.fill(mark, offset + Math.max(0, bytes - 64), offset + bytes)
}

function verify(arena: Arena, { address, bytes, mark }: Block): void {
  const memory = arena.bytes[address >>> SEGMENT_SHIFT]
  const offset = (address & OFFSET_MASK) << 3
  for (let i = 0; i < bytes; i++) {
    if (i === 64 && bytes > 128) i = bytes - 64
    if (memory[offset + i] !== mark) expect.fail(`byte ${i} of a block of ${bytes} was changed`)
  }
}

describe.each([false, true])('random allocation, debug %s', (debug) => {
  test('keeps contents and accounts', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const arena = new Arena({ debug })
        const live: Block[] = []
        let liveBytes = 0
        let mark = 0
        for (const step of steps) {
          for (let i = 0; i < step.count; i++) {
            if ('bytes' in step) {
              // A single block of the largest kind a step is enough.
              if (step.bytes > 1 << 20 && i > 0) break
              const bytes = Math.max(0, step.bytes - i)
              const address = arena.allocate(bytes)
              expect(address).not.toBe(NULL)
              const block = { address, bytes, mark: mark++ & 255 }
              write(arena, block)
              live.push(block)
              liveBytes += arena.capacity(address)
            } else if (live.length > 0) {
              const [block] = live.splice((step.pick + i * 7) % live.length, 1)
              verify(arena, block)
              liveBytes -= arena.capacity(block.address)
              arena.free(block.address)
            }
          }
          expect(arena.liveBytes).toBe(liveBytes)
        }
        arena.check()
        for (const block of live) {
          verify(arena, block)
          arena.free(block.address)
        }
        arena.check()
        expect(arena.liveBytes).toBe(0)
      }),
      { numRuns: debug ? 15 : 40, seed: 7 },
    )
  })
})

test('a long run of allocations, frees and resizes leaves little unused', () => {
  const arena = new Arena()
  const random = new Random(42)
  const count = 8000
  const blocks: Address[] = []
  const randomSize = () => (random.below(2) === 0 ? 1 + random.below(200) : 1 + random.below(20000))
  for (let i = 0; i < count; i++) blocks.push(arena.allocate(randomSize()))
  let worst = 0
  for (let i = 0; i < 300_000; i++) {
    const k = random.below(count)
    // A resize allocates before it frees, as it has content to keep.
    if (random.below(2) === 0) {
      const grown = arena.allocate(
        1 + random.below(2 * Math.min(10_000, arena.capacity(blocks[k]))),
      )
      arena.free(blocks[k])
      blocks[k] = grown
    } else {
      arena.free(blocks[k])
      blocks[k] = arena.allocate(randomSize())
    }
    if (i % 10_000 === 9999) worst = Math.max(worst, arena.reservedBytes / arena.liveBytes)
  }
  expect(worst).toBeLessThan(1.3)
  arena.check()
  for (const address of blocks) arena.free(address)
  arena.check()
  expect(arena.liveBytes).toBe(0)
})
