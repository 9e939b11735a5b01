/** Lists against arrays: every change, in both forms, across the thresholds between them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Arena, NULL } from '../../../src/arena/arena.ts'
import { defaultLimits } from '../../../src/types/limits.ts'
import { ListValue } from '../../../src/types/list.ts'
import { chunkCount } from '../../../src/types/list-chunks.ts'

/** Sizes of elements that are short, long, and longer than a chunk. */
const LENGTHS = [0, 1, 5, 40, 254, 255, 1000, 3000, 4090, 9000]

class Checked {
  readonly arena = new Arena({ debug: true })
  readonly limits = defaultLimits()
  readonly list: ListValue
  model: string[] = []

  constructor(fill: number, plainBytes = this.limits.listPlainBytes) {
    this.limits.listMaxListpackSize = fill
    this.limits.listPlainBytes = plainBytes
    this.list = new ListValue(this.arena, this.limits)
    this.list.create()
  }

  /** Everything read forwards and backwards is as in the model. */
  verify(): void {
    const { list, model } = this
    list.check()
    this.arena.check()
    expect(list.length).toBe(model.length)
    const read: string[] = []
    for (let more = list.seek(0); more; more = list.next()) read.push(this.current())
    expect(read).toEqual(model)
    const backwards: string[] = []
    for (let more = list.seek(-1); more; more = list.previous()) backwards.push(this.current())
    expect(backwards.reverse()).toEqual(model)
  }

  private current(): string {
    const { elements } = this.list
    this.list.read()
    return Buffer.from(elements.bytes.subarray(elements.start, elements.end)).toString('latin1')
  }

  end(): void {
    this.list.free()
    expect(this.arena.liveBytes).toBe(0)
    this.arena.check()
  }
}

type Element = readonly [bytes: Uint8Array, view: DataView, start: number, length: number]

function element(text: string): Element {
  const bytes = new Uint8Array(Buffer.from(text, 'latin1'))
  return [bytes, new DataView(bytes.buffer), 0, bytes.length]
}

/** A letter repeated: few letters, so that elements are equal now and then. */
const texts = fc
  .tuple(fc.constantFrom(...'abc'), fc.constantFrom(...LENGTHS))
  .map(([letter, length]) => letter.repeat(length))

const operations = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('push'), fc.boolean(), texts) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('drop'), fc.boolean(), texts) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('insert'), fc.nat(), texts) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('replace'), fc.nat(), texts) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('range'), fc.nat(), texts) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('equal'), fc.nat(), texts) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('many'), fc.nat(60), texts) },
)

type Operation = [string, number | boolean, string]

function apply(checked: Checked, [name, which, text]: Operation): void {
  const { list } = checked
  const { model } = checked
  const number = Number(which)
  const index = model.length === 0 ? 0 : number % model.length
  if (name === 'push') {
    expect(list.prepare(text.length, 1) && list.push(Boolean(which), ...element(text))).toBe(true)
    if (which) model.unshift(text)
    else model.push(text)
  } else if (name === 'many') {
    for (let i = 0; i < number; i++) apply(checked, ['push', i % 3 === 0, `${text.slice(0, 50)}`])
  } else if (model.length === 0) {
    expect(list.seek(0)).toBe(false)
  } else if (name === 'drop') {
    list.dropEnd(Boolean(which))
    if (which) model.shift()
    else model.pop()
  } else if (name === 'insert') {
    list.seek(index)
    expect(list.prepare(text.length, 1)).toBe(true)
    expect(list.insert(number % 2 === 0, ...element(text))).toBe(true)
    model.splice(number % 2 === 0 ? index : index + 1, 0, text)
  } else if (name === 'replace') {
    expect(list.prepare(text.length, 1)).toBe(true)
    const signed = number % 2 === 0 ? index : index - model.length
    list.seek(signed)
    expect(list.replace(signed, ...element(text))).toBe(true)
    model[index] = text
  } else if (name === 'range') {
    const count = Math.min(model.length - index, (number % 50) + 1)
    list.removeRange(index, count)
    model.splice(index, count)
  } else {
    const fromHead = number % 2 === 0
    const limit = number % 3 === 0 ? model.length : 1 + (number % 4)
    const left = fromHead ? model : model.toReversed()
    let removed = 0
    const kept = left.filter((each) => each !== text || removed++ >= limit)
    expect(list.removeEqual(fromHead, limit, ...element(text))).toBe(model.length - kept.length)
    checked.model = fromHead ? kept : kept.reverse()
  }
  if (name !== 'push') list.settle()
}

const FILLS = [-1, -2, -5, 0, 1, 2, 5, 128].map((fill) => [fill, 2 ** 30] as const)
const FORMS = [...FILLS, [-2, 1], [3, 40], [128, 255]] as const

describe.each(FORMS)('list-max-listpack-size %i, large from %i bytes on', (fill, plainBytes) => {
  test('a list is what an array would be', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 40 }), (list) => {
        const checked = new Checked(fill, plainBytes)
        for (const operation of list) {
          apply(checked, operation as Operation)
          checked.verify()
        }
        const copy = new ListValue(checked.arena, checked.limits)
        copy.open(checked.list.copy(), checked.list.encoding)
        copy.check()
        expect(copy.length).toBe(checked.model.length)
        copy.free()
        checked.end()
      }),
      { numRuns: 60, seed: fill },
    )
  })
})

describe('form', () => {
  test('by count: chunks beyond it, packed again at half of it', () => {
    const checked = new Checked(8)
    const { list } = checked
    for (let i = 0; i < 8; i++) apply(checked, ['push', false, 'a'])
    expect(list.encodingName).toBe('listpack')
    apply(checked, ['push', false, 'a'])
    expect(list.encodingName).toBe('quicklist')
    for (let i = 0; i < 4; i++) apply(checked, ['drop', false, ''])
    expect([list.length, list.encodingName]).toEqual([5, 'quicklist'])
    apply(checked, ['drop', true, ''])
    expect([list.length, list.encodingName]).toEqual([4, 'listpack'])
    checked.verify()
    checked.end()
  })

  test('by size: one long element makes chunks', () => {
    const checked = new Checked(-1)
    apply(checked, ['push', true, 'x'.repeat(4096)])
    expect(checked.list.encodingName).toBe('quicklist')
    apply(checked, ['push', true, 'y'])
    apply(checked, ['drop', false, ''])
    expect(checked.list.encodingName).toBe('listpack')
    checked.verify()
    checked.end()
  })
})

test('a large element has a chunk of its own', () => {
  const checked = new Checked(4, 10)
  const { arena, list } = checked
  for (let i = 0; i < 5; i++) apply(checked, ['push', false, 'a'])
  expect(chunkCount(arena, list.root)).toBe(2)
  apply(checked, ['push', false, 'a'])
  apply(checked, ['push', false, 'large'.repeat(2)])
  expect(chunkCount(arena, list.root)).toBe(3)
  apply(checked, ['push', false, 'a'])
  expect(chunkCount(arena, list.root)).toBe(4)
  apply(checked, ['replace', 4, 'large'.repeat(3)])
  expect(chunkCount(arena, list.root)).toBe(5)
  apply(checked, ['insert', 2, 'large'.repeat(4)])
  expect(chunkCount(arena, list.root)).toBe(7)
  while (list.length > 1) apply(checked, ['drop', false, ''])
  expect(list.encodingName).toBe('listpack')
  checked.verify()
  checked.end()
})

test('a long list is freed in steps, and indexes are found from both ends', () => {
  const checked = new Checked(4)
  for (let i = 0; i < 1000; i++) apply(checked, ['push', false, String(i)])
  for (const index of [0, 1, 499, 500, 501, 999, -1, -2, -500, -1000]) {
    expect(checked.list.seek(index)).toBe(true)
    expect(checked.list.equals(...element(checked.model.at(index) ?? ''))).toBe(true)
  }
  for (const index of [1000, -1001, 2 ** 40, -(2 ** 63), Number.NaN]) {
    expect(checked.list.seek(index)).toBe(false)
  }
  expect(checked.list.usedBytes).toBe(checked.arena.liveBytes)
  let steps = 1
  while (!checked.list.freeSome()) steps++
  expect(steps).toBeGreaterThan(2)
  expect(checked.arena.liveBytes).toBe(0)
})

test('a copy for which memory does not suffice leaves nothing behind', () => {
  const checked = new Checked(2)
  for (let i = 0; i < 9; i++) apply(checked, ['push', false, 'element'])
  const { liveBytes } = checked.arena
  for (let n = 1; n <= 11; n++) {
    checked.arena.failAfter(n)
    expect(checked.list.copy()).toBe(NULL)
    checked.arena.failAfter(0)
    expect(checked.arena.liveBytes).toBe(liveBytes)
  }
  checked.end()
})
