import { describe, expect, test } from 'vitest'
import { type Address, NULL } from '../../../src/arena/arena.ts'
import { DictFixture } from './dict-fixture.ts'

/** Fills a dict with `count` keys, `k0` and so on, the first `flagged` of them flagged. */
function filled(count: number, flagged = 0): DictFixture {
  const fixture = new DictFixture()
  for (let i = 0; i < count; i++) fixture.insert(`k${i}`, i, i < flagged)
  return fixture
}

describe('a dict', () => {
  test('finds what was inserted, with its value, and nothing else', () => {
    const fixture = filled(5000)
    for (let i = 0; i < 5000; i++) expect(fixture.value(fixture.find(`k${i}`))).toBe(i)
    for (let i = 5000; i < 10000; i++) expect(fixture.has(`k${i}`)).toBe(false)
    expect(fixture.dict.count(fixture.root)).toBe(5000)
    fixture.close()
  })

  test('keeps every invariant at every size up to the second split, up and down', () => {
    const fixture = new DictFixture()
    for (let i = 0; i < 2000; i++) {
      fixture.insert(`k${i}`, i, i % 3 === 0)
      if (i < 40 || i % 37 === 0) fixture.check()
    }
    for (let i = 0; i < 2000; i++) {
      expect(fixture.remove(`k${i}`)).toBe(true)
      if (i > 1960 || i % 37 === 0) fixture.check()
    }
    fixture.close()
  })

  test('goes back to the size of an empty one when emptied', () => {
    const fixture = new DictFixture()
    const empty = fixture.arena.liveBytes
    for (let i = 0; i < 10000; i++) fixture.insert(`k${i}`)
    const { dict, root } = fixture
    expect(dict.usedBytes(root)).toBeGreaterThan(10000 * 5)
    for (let i = 0; i < 10000; i++) fixture.remove(`k${i}`)
    expect(fixture.arena.liveBytes).toBe(empty)
    expect(dict.usedBytes(root)).toBe(empty)
    fixture.close()
  })

  test('keeps its size under steady replacement of keys: tombstones do not add up', () => {
    const fixture = filled(600)
    const before = fixture.dict.usedBytes(fixture.root)
    for (let i = 600; i < 20000; i++) {
      fixture.remove(`k${i - 600}`)
      fixture.insert(`k${i}`)
    }
    expect(fixture.dict.usedBytes(fixture.root)).toBe(before)
    fixture.close()
  })

  test('counts its own bytes to the byte', () => {
    for (const count of [0, 5, 100, 896, 900, 5000]) {
      const fixture = filled(count)
      const entries: Address[] = []
      fixture.dict.forEach(fixture.root, (entry) => entries.push(entry))
      for (const entry of entries) fixture.arena.free(entry)
      expect(fixture.dict.usedBytes(fixture.root)).toBe(fixture.arena.liveBytes)
      fixture.dict.destroy(fixture.root)
      expect(fixture.arena.liveBytes).toBe(0)
    }
  })

  test('tells keys apart around the length from which on it is stored apart', () => {
    const fixture = new DictFixture()
    const lengths = [0, 1, 2, 3, 4, 5, 32765, 32766, 32767, 32768, 32769, 65535, 65536, 100000]
    for (const length of lengths) {
      fixture.insert('x'.repeat(length), length, length % 2 === 1)
      fixture.check()
    }
    for (const length of lengths)
      expect(fixture.value(fixture.find('x'.repeat(length)))).toBe(length)
    expect(fixture.has('x'.repeat(32770))).toBe(false)
    expect(fixture.has(`${'x'.repeat(65534)}y`)).toBe(false)
    for (const length of lengths) expect(fixture.remove('x'.repeat(length))).toBe(true)
    fixture.close()
  })

  test('counts flags as entries are replaced, removed and moved', () => {
    const fixture = filled(3000, 1000)
    const { dict, root } = fixture
    expect(dict.flaggedCount(root)).toBe(1000)
    for (let i = 500; i < 1500; i++) fixture.replace(`k${i}`, -i, i >= 1000)
    expect(dict.flaggedCount(root)).toBe(1000)
    fixture.check()
    expect(fixture.value(fixture.find('k700'))).toBe(-700)
    for (let i = 0; i < 1200; i++) fixture.remove(`k${i}`)
    expect(dict.flaggedCount(root)).toBe(300)
    fixture.close()
  })
})

describe('a dict short of memory', () => {
  test('is not made, and leaks nothing', () => {
    const fixture = new DictFixture()
    for (const n of [1, 2]) {
      fixture.arena.failAfter(n)
      expect(fixture.dict.create()).toBe(NULL)
    }
    fixture.close()
  })

  test('takes every insert up to the last slot, then refuses and stays as it was', () => {
    const fixture = new DictFixture()
    const { arena, dict, root } = fixture
    for (let i = 0; i < 8; i++) {
      const live = arena.liveBytes
      // The first allocation is the entry; the second, if there is one, the larger table.
      arena.failAfter(2)
      expect(fixture.insert(`k${i}`)).toBe(true)
      arena.failAfter(0)
      expect(arena.liveBytes).toBeGreaterThan(live)
      fixture.check()
    }
    expect(fixture.has('absent')).toBe(false)
    const live = arena.liveBytes
    arena.failAfter(2)
    expect(fixture.insert('k8')).toBe(false)
    expect(arena.liveBytes).toBe(live)
    expect(dict.count(root)).toBe(8)
    fixture.check()
    expect(fixture.insert('k8')).toBe(true)
    fixture.close()
  })

  test('comes through the failure of any one allocation of a split', () => {
    for (const start of [896, 1700, 3000, 3600]) {
      const fixture = filled(start)
      for (let i = 0; i < 100; i++) {
        fixture.arena.failAfter(2 + (i % 2))
        expect(fixture.insert(`more${i}`)).toBe(true)
        fixture.arena.failAfter(0)
      }
      fixture.check()
      for (let i = 0; i < start; i++) expect(fixture.has(`k${i}`)).toBe(true)
      fixture.close()
    }
  })

  test('removes all the same when nothing can be allocated', () => {
    const fixture = filled(4000)
    for (let i = 0; i < 4000; i++) {
      fixture.arena.failAfter(1)
      expect(fixture.remove(`k${i}`)).toBe(true)
      fixture.arena.failAfter(0)
      if (i % 100 === 0) fixture.check()
    }
    expect(fixture.dict.count(fixture.root)).toBe(0)
    fixture.close()
  })
})
