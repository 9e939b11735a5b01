/** The heap of hashes with expiring fields, against a list that is sorted anew. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, Arena, NULL } from '../../../src/arena/arena.ts'
import { DueHeap } from '../../../src/keyspace/due-heap.ts'
import { dueOf, newHead, setDue } from '../../../src/types/hash-head.ts'

test('the first is the earliest, whatever is put in and taken out', () => {
  const due = fc.oneof(fc.nat(20), fc.double({ min: 0, max: 2 ** 46, noNaN: true }))
  const step = fc.oneof(
    fc.record({ due }),
    fc.record({ removed: fc.nat(200) }),
    fc.record({ changed: fc.nat(200), due }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const arena = new Arena({ debug: true })
      const heap = new DueHeap(arena)
      const heads: Address[] = []
      for (const each of steps) {
        if ('removed' in each) {
          if (heads.length === 0) continue
          const [head] = heads.splice(each.removed % heads.length, 1)
          heap.remove(head!)
          expect(heap.has(head!)).toBe(false)
          arena.free(head!)
        } else if ('changed' in each) {
          if (heads.length === 0) continue
          const head = heads[each.changed % heads.length]!
          heap.remove(head)
          setDue(arena, head, each.due)
          heap.insert(head)
        } else {
          const head = newHead(arena, NULL)
          setDue(arena, head, each.due)
          heap.insert(head)
          heads.push(head)
        }
        heap.check()
        expect(heap.count).toBe(heads.length)
        for (const head of heads) expect(heap.has(head)).toBe(true)
        const earliest = Math.min(...heads.map((head) => dueOf(arena, head)))
        if (heads.length > 0) expect(dueOf(arena, heap.first)).toBe(earliest)
      }
      for (const head of heads) arena.free(head)
      expect(arena.liveBytes).toBe(0)
    }),
    { seed: 3, numRuns: 100 },
  )
})

test('a hundred thousand come out in order, in a moment', () => {
  const arena = new Arena()
  const heap = new DueHeap(arena)
  for (let i = 0; i < 100_000; i++) {
    const head = newHead(arena, NULL)
    // Ascending, descending and equal times, none of which may unbalance it.
    setDue(arena, head, i % 3 === 0 ? i : i % 3 === 1 ? 100_000 - i : 5)
    heap.insert(head)
  }
  heap.check()
  let last = 0
  while (heap.first !== NULL) {
    const { first } = heap
    expect(dueOf(arena, first) >= last).toBe(true)
    last = dueOf(arena, first)
    heap.remove(first)
    arena.free(first)
  }
  expect(heap.count).toBe(0)
})
