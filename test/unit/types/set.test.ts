/** Sets against a model, across every threshold and encoding, and with failing memory. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena, NULL } from '../../../src/arena/arena.ts'
import { Dict } from '../../../src/arena/dict.ts'
import { Random } from '../../../src/platform/random.ts'
import { defaultLimits } from '../../../src/types/limits.ts'
import { ADDED, DICT, NO_MEMORY, PRESENT, SetValue } from '../../../src/types/set.ts'
import { MEMBER_HEADER_BYTES } from '../../../src/types/set-encoding.ts'
import { SetWalk } from '../../../src/types/set-walk.ts'

class Fixture {
  readonly arena = new Arena({ debug: true })
  readonly limits = {
    ...defaultLimits(),
    setMaxIntsetEntries: 6,
    setMaxListpackEntries: 8,
    setMaxListpackValue: 12,
  }
  readonly dict = new Dict(this.arena, {
    headerBytes: MEMBER_HEADER_BYTES,
    hashKey0: 1,
    hashKey1: 2,
  })
  readonly set = this.cursor()

  cursor(): SetValue {
    return new SetValue(this.arena, this.limits, new Random(1), this.dict)
  }

  createFor(text: string, count: number): boolean {
    const bytes = Buffer.from(text, 'latin1')
    return this.set.createFor(bytes, 0, bytes.length, count)
  }

  add(text: string): number {
    return withSlice(text, (bytes, view) => this.set.add(bytes, view, 1, text.length))
  }

  has(text: string): boolean {
    return withSlice(text, (bytes, view) => this.set.has(bytes, view, 1, text.length))
  }

  remove(text: string): boolean {
    return withSlice(text, (bytes, view) => this.set.remove(bytes, view, 1, text.length))
  }

  members(set = this.set): string[] {
    const walk = new SetWalk(this.arena).begin(set)
    const members: string[] = []
    while (walk.next()) members.push(textOf(walk))
    return members
  }

  end(): void {
    this.set.check()
    this.arena.check()
    this.set.free()
    this.arena.check()
    expect(this.arena.liveBytes).toBe(0)
  }
}

function withSlice<Result>(
  text: string,
  use: (bytes: Uint8Array, view: DataView) => Result,
): Result {
  const bytes = Uint8Array.from(Buffer.from(` ${text} `, 'latin1'))
  return use(bytes, new DataView(bytes.buffer))
}

function textOf({ bytes, end, start }: SetWalk): string {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1')
}

const INTEGERS = [
  '0',
  '-1',
  '1',
  '32767',
  '-32768',
  '32768',
  '-32769',
  '2147483647',
  '-2147483648',
  '2147483648',
  '-2147483649',
  '4294967295',
  '4294967296',
  '-4294967296',
  '9007199254740991',
  '-9007199254740991',
  '9007199254740992',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
]

const NO_INTEGERS = [
  '',
  '00',
  '-0',
  '+1',
  '1.0',
  ' 1',
  'abc',
  '9223372036854775808',
  '-9223372036854775809',
  'exactly12byt',
  'thirteen-byte',
  'x'.repeat(300),
  'y'.repeat(40_000),
]

const member = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...INTEGERS) },
  { weight: 3, arbitrary: fc.integer({ min: -20, max: 20 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom(...NO_INTEGERS) },
)
const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'add', 'remove', 'pop', 'expect', 'fail', 'copy'),
  member,
})

describe('a set', () => {
  test('does what a Set does, in every encoding', () => {
    fc.assert(
      fc.property(member, fc.nat(12), fc.array(step, { maxLength: 60 }), (first, hint, steps) => {
        const fixture = new Fixture()
        const model = new Set<string>()
        expect(fixture.createFor(first, hint)).toBe(true)
        for (const { kind, member } of steps) apply(fixture, model, kind, member)
        expect(fixture.members().sort()).toEqual([...model].sort())
        expect(fixture.set.length).toBe(model.size)
        for (const text of [...INTEGERS, ...NO_INTEGERS]) {
          expect(fixture.has(text)).toBe(model.has(text))
        }
        fixture.end()
      }),
      { numRuns: 150, seed: 5 },
    )
  })

  test('of two thousand members grows and shrinks', () => {
    const fixture = new Fixture()
    fixture.createFor('1', 1)
    for (let i = 0; i < 2000; i++) expect(fixture.add(`m${i}`)).toBe(ADDED)
    expect(fixture.set.usedBytes).toBe(fixture.arena.liveBytes)
    fixture.set.check()
    for (let i = 0; i < 2000; i += 2) expect(fixture.remove(`m${i}`)).toBe(true)
    expect(fixture.members().length).toBe(1000)
    fixture.end()
  })
})

test('a walk finds in another dict what a lookup finds, whatever their shapes', () => {
  for (const [size, otherSize] of [
    [20, 20],
    [800, 800],
    [1000, 5000],
    [3000, 900],
    [7000, 7000],
  ]) {
    const fixture = new Fixture()
    const other = fixture.cursor()
    fixture.set.createAs(DICT)
    other.createAs(DICT)
    for (let i = 0; i < size!; i++) fixture.add(memberOf(i))
    for (let i = 0; i < otherSize!; i++) {
      const member = memberOf(i * 2)
      withSlice(member, (bytes, view) => other.add(bytes, view, 1, member.length))
    }
    // What is removed leaves empty slots and tombstones.
    for (let i = 0; i < size!; i += 3) fixture.remove(memberOf(i))
    const walk = new SetWalk(fixture.arena).begin(fixture.set)
    const shared: string[] = []
    while (walk.next()) {
      const { bytes, end, start, view } = walk
      const isShared = other.has(bytes, view, start, end - start)
      expect(walk.isIn(other)).toBe(isShared)
      if (isShared) shared.push(textOf(walk))
    }
    walk.begin(fixture.set)
    const found: string[] = []
    while (walk.nextIn(other)) found.push(textOf(walk))
    expect(found).toEqual(shared)
    other.free()
    fixture.end()
  }
})

/** The members of the test above: of all lengths, some so long that their length lies apart. */
function memberOf(i: number): string {
  if (i === 14) return ''
  return i % 700 === 100 ? `${i}`.padStart(33_000, 'x') : `${i}`.padStart(i % 9, '0')
}

test('a walk finds what another set has of whatever encoding', () => {
  const lists = [['1', '2', '3'], ['3', 'b', '1'], Array.from({ length: 20 }, (_, i) => `${i}`)]
  for (const own of lists) {
    for (const others of lists) {
      const fixture = new Fixture()
      const other = fixture.cursor()
      fixture.createFor(own[0]!, 1)
      other.createFor(Buffer.from(others[0]!), 0, 1, 1)
      for (const member of own) fixture.add(member)
      for (const member of others) {
        withSlice(member, (bytes, view) => other.add(bytes, view, 1, member.length))
      }
      const walk = new SetWalk(fixture.arena).begin(fixture.set)
      const found: string[] = []
      while (walk.nextIn(other)) found.push(textOf(walk))
      expect(found.sort()).toEqual(own.filter((member) => others.includes(member)).sort())
      other.free()
      fixture.end()
    }
  }
})

function apply(fixture: Fixture, model: Set<string>, kind: string, member: string): void {
  const { arena, set } = fixture
  if (kind === 'add') {
    expect(fixture.add(member)).toBe(model.has(member) ? PRESENT : ADDED)
    model.add(member)
  } else if (kind === 'remove') {
    expect(fixture.remove(member)).toBe(model.delete(member))
  } else if (kind === 'pop' && model.size > 0) {
    set.readRandom()
    expect(model.delete(textOf(set.member))).toBe(true)
    set.removeChosen()
  } else if (kind === 'expect') {
    expect(set.expect(member.length)).toBe(true)
  } else if (kind === 'fail') {
    arena.failAfter(1 + (member.length % 5))
    const added = fixture.add(member)
    arena.failAfter(0)
    if (added === ADDED) model.add(member)
    else expect(added).toBe(model.has(member) ? PRESENT : NO_MEMORY)
  } else if (kind === 'copy') {
    arena.failAfter(member.length % 7)
    const root = set.copy()
    arena.failAfter(0)
    if (root === NULL) return
    const copy = fixture.cursor()
    copy.open(root, set.encoding)
    expect(fixture.members(copy).sort()).toEqual([...model].sort())
    copy.free()
  }
  set.check()
}

describe('the encoding', () => {
  const encodingAfter = (count: number, ...members: string[]): string => {
    const fixture = new Fixture()
    fixture.createFor(members[0]!, count)
    for (const each of members) fixture.add(each)
    const name = fixture.set.encodingName
    fixture.end()
    return name
  }
  const integers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`)

  test('follows the first member and how many are to come', () => {
    expect(encodingAfter(1, '1')).toBe('intset')
    expect(encodingAfter(6, '1')).toBe('intset')
    expect(encodingAfter(7, '1')).toBe('listpack')
    expect(encodingAfter(9, '1')).toBe('hashtable')
    expect(encodingAfter(8, 'a')).toBe('listpack')
    expect(encodingAfter(9, 'a')).toBe('hashtable')
  })

  test('of integers becomes another as Redis 7.2 has it', () => {
    expect(encodingAfter(1, ...integers(6))).toBe('intset')
    expect(encodingAfter(1, ...integers(7))).toBe('hashtable')
    expect(encodingAfter(1, ...integers(6), 'a')).toBe('listpack')
    expect(encodingAfter(1, '1', 'thirteen-byte')).toBe('hashtable')
    expect(encodingAfter(1, '1234567890123', 'a')).toBe('hashtable')
    expect(encodingAfter(1, '-12345678901', 'a')).toBe('listpack')
  })

  test('of strings becomes a dict by count or by length', () => {
    expect(encodingAfter(1, 'a', ...integers(7))).toBe('listpack')
    expect(encodingAfter(1, 'a', ...integers(8))).toBe('hashtable')
    expect(encodingAfter(1, 'a', 'exactly12byt')).toBe('listpack')
    expect(encodingAfter(1, 'a', 'thirteen-byte')).toBe('hashtable')
  })

  test('of a list or a dict of integers can be made that of integers', () => {
    const fixture = new Fixture()
    fixture.set.create()
    for (const each of ['5', '-3', '9223372036854775807', '40000']) fixture.add(each)
    expect(fixture.set.convertToIntset()).toBe(true)
    expect(fixture.set.encodingName).toBe('intset')
    expect(fixture.members()).toEqual(['-3', '5', '40000', '9223372036854775807'])
    fixture.end()
  })
})
