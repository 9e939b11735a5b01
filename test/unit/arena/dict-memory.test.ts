/** Dicts whose directory cannot shrink, as memory is short. */
import { expect, test } from 'vitest'
import { type Address, NULL } from '../../../src/arena/arena.ts'
import { DictFixture } from './dict-fixture.ts'

/** Blocks of these sizes are directories of 2 to 64 places, and no tables. */
const DIRECTORY_BYTES = new Set([16, 32, 64, 128, 256, 512])

test('a dict stays whole though its directory cannot shrink, and catches up later', () => {
  const fixture = new DictFixture()
  const { arena, dict } = fixture
  for (let i = 0; i < 20_000; i++) fixture.insert(`key ${i}`)
  const allocate = arena.allocate.bind(arena)
  arena.allocate = (bytes): Address => (DIRECTORY_BYTES.has(bytes) ? NULL : allocate(bytes))
  for (let i = 0; i < 19_999; i++) {
    expect(fixture.remove(`key ${i}`)).toBe(true)
    if (i % 1000 === 0 || i > 19_500) dict.check(fixture.root)
  }
  expect(fixture.has('key 19999')).toBe(true)
  arena.allocate = allocate
  for (let i = 0; i < 10; i++) fixture.insert(`later ${i}`)
  for (let i = 0; i < 10; i++) fixture.remove(`later ${i}`)
  dict.check(fixture.root)
  expect(dict.usedBytes(fixture.root)).toBeLessThan(100)
  fixture.remove('key 19999')
  dict.destroy(fixture.root)
  arena.check()
  expect(arena.liveBytes).toBe(0)
})
