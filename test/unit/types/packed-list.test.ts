import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, Arena, NULL } from '../../../src/arena/arena.ts'
import { elementBytes, NONE, PackedList } from '../../../src/types/packed-list.ts'

function source(text: string): [Uint8Array, DataView, number, number] {
  const bytes = Buffer.from(`..${text}`, 'latin1')
  return [bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 2, text.length]
}

function contents(packed: PackedList, list: Address): string[] {
  const result: string[] = []
  for (let place = packed.first(list); place !== NONE; place = packed.next(list, place)) {
    packed.read(list, place)
    result.push(Buffer.from(packed.bytes.subarray(packed.start, packed.end)).toString('latin1'))
  }
  return result
}

const text = fc.oneof(
  fc.constantFrom('', 'a', '12345', 'field', 'x'.repeat(252), 'y'.repeat(253), 'z'.repeat(254)),
  fc.integer({ min: 240, max: 300 }).map((length) => 'n'.repeat(length)),
  fc.integer({ min: 0, max: 70_000 }).map((length) => 'L'.repeat(length)),
)
const operation = fc.record({
  kind: fc.constantFrom(
    'insert',
    'insert',
    'append',
    'prepend',
    'replace',
    'remove',
    'dropFirst',
    'dropLast',
  ),
  where: fc.nat(1000),
  count: fc.integer({ min: 1, max: 3 }),
  text,
})

describe('PackedList', () => {
  test('does what an array does', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const arena = new Arena({ debug: true })
        const packed = new PackedList(arena)
        let list = packed.create()
        const model: string[] = []
        for (const { kind, where, count, text: string } of operations) {
          const index = model.length === 0 ? 0 : where % model.length
          if (kind === 'append' || (kind === 'insert' && model.length === 0)) {
            list = packed.append(list, ...source(string))
            model.push(string)
          } else if (kind === 'prepend') {
            list = packed.prepend(list, ...source(string))
            model.unshift(string)
          } else if (model.length === 0) {
            continue
          } else if (kind === 'insert') {
            list = packed.insert(list, packed.at(list, index), ...source(string))
            model.splice(index, 0, string)
          } else if (kind === 'replace') {
            list = packed.replace(list, packed.at(list, index - model.length), ...source(string))
            model[index] = string
          } else if (kind === 'dropFirst' || kind === 'dropLast') {
            list = packed[kind](list)
            if (kind === 'dropFirst') model.shift()
            else model.pop()
          } else {
            const taken = Math.min(count, model.length - index)
            list = packed.remove(list, packed.at(list, index), taken)
            model.splice(index, taken)
          }
          packed.check(list)
        }
        expect(contents(packed, list)).toEqual(model)
        const copy = packed.copy(list)
        packed.free(list)
        expect(contents(packed, copy)).toEqual(model)
        const found = model.length > 1 ? model[1]! : 'absent'
        const place = packed.find(copy, packed.first(copy), 1, ...source(found))
        const index = model.indexOf(found)
        expect(place).toBe(index < 0 ? NONE : packed.at(copy, index))
        packed.free(copy)
        expect(arena.liveBytes).toBe(0)
        arena.check()
      }),
      { seed: 11, numRuns: 200 },
    )
  })

  test('finds among every second element only', () => {
    const packed = new PackedList(new Arena({ debug: true }))
    let list = packed.create()
    for (const each of ['a', 'b', 'b', 'c', 'd', 'a']) list = packed.append(list, ...source(each))
    const find = (what: string) => packed.find(list, packed.first(list), 2, ...source(what))
    expect(find('a')).toBe(packed.at(list, 0))
    expect(find('b')).toBe(packed.at(list, 2))
    expect(find('c')).toBe(NONE)
  })

  test('stays as it was when there is no memory', () => {
    const arena = new Arena({ debug: true })
    const packed = new PackedList(arena)
    let list = packed.create()
    for (const each of ['one', 'two']) list = packed.append(list, ...source(each))
    arena.failAfter(1)
    expect(packed.append(list, ...source('x'.repeat(100)))).toBe(NULL)
    arena.failAfter(1)
    expect(packed.replace(list, packed.at(list, 0), ...source('x'.repeat(100)))).toBe(NULL)
    expect(contents(packed, list)).toEqual(['one', 'two'])
    packed.check(list)
  })

  test('is added to and taken from at both ends', () => {
    const end = fc.record({
      kind: fc.constantFrom('append', 'prepend', 'prepend', 'dropFirst', 'dropFirst', 'dropLast'),
      text: fc.integer({ min: 0, max: 20 }).map((length) => 'e'.repeat(length)),
      times: fc.integer({ min: 1, max: 12 }),
    })
    fc.assert(
      fc.property(fc.array(end, { maxLength: 60 }), (steps) => {
        const arena = new Arena({ debug: true })
        const packed = new PackedList(arena)
        let list = packed.create()
        const model: string[] = []
        for (const { kind, text: string, times } of steps) {
          for (let i = 0; i < times; i++) {
            const added = `${string}${model.length}`
            if (kind === 'append') {
              list = packed.append(list, ...source(added))
              model.push(added)
            } else if (kind === 'prepend') {
              list = packed.prepend(list, ...source(added))
              model.unshift(added)
            } else if (model.length > 0) {
              list = packed[kind](list)
              if (kind === 'dropFirst') model.shift()
              else model.pop()
            }
            packed.check(list)
          }
          expect(contents(packed, list)).toEqual(model)
        }
        const bytes = model.reduce((sum, { length }) => sum + elementBytes(length), 8)
        expect(packed.packedBytes(list)).toBe(bytes)
        packed.free(list)
        expect(arena.liveBytes).toBe(0)
      }),
      { seed: 12, numRuns: 200 },
    )
  })

  test('takes no memory to prepend where there is a gap, and stays as it was without any', () => {
    const arena = new Arena({ debug: true })
    const packed = new PackedList(arena)
    let list = packed.create()
    for (const each of ['one', 'two', 'three']) list = packed.append(list, ...source(each))
    list = packed.dropFirst(list)
    arena.failAfter(1)
    expect(packed.prepend(list, ...source('x'.repeat(200)))).toBe(NULL)
    expect(contents(packed, list)).toEqual(['two', 'three'])
    packed.check(list)
    arena.failAfter(1)
    expect(packed.prepend(list, ...source('1'))).toBe(list)
    expect(contents(packed, list)).toEqual(['1', 'two', 'three'])
    packed.check(list)
  })

  test('takes two bytes an element, ten for a long one', () => {
    expect([0, 253, 254, 255].map(elementBytes)).toEqual([2, 255, 260, 265])
  })
})
