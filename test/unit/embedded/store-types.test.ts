/** The types of the store's methods: that they are up to date, and what they say. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { STORE_TYPES_PATH, storeTypes } from '../../../scripts/write-store-types.ts'
import type { Multi } from '../../../src/embedded/command-types.ts'
import { METHODS } from '../../../src/embedded/methods.ts'
import type { Store } from '../../../src/embedded/store.ts'
import type { StoreError } from '../../../src/embedded/store-error.ts'

const FOLDER = join(fileURLToPath(new URL('../../..', import.meta.url)), STORE_TYPES_PATH)

/** A source without its layout, which is the formatter's. */
function withoutLayout(text: string): string {
  return text.replace(/[\s;]/g, '').replace(/,([)}\]])/g, '$1')
}

describe('the types that are written', () => {
  test('are those of the commands: `npm run docs` writes them', () => {
    const written = storeTypes(METHODS)
    expect(readdirSync(FOLDER).sort()).toEqual([...written.keys()].sort())
    for (const [name, text] of written) {
      const found = readFileSync(join(FOLDER, name), 'utf8')
      // What differs is not shown: it is all that is written.
      expect(withoutLayout(found) === withoutLayout(text), name).toBe(true)
    }
  })
})

describe('methods', () => {
  test('answer what the command answers', () => {
    expectTypeOf<Store['call']>().parameter(0).toEqualTypeOf<string>()
    const types = (store: Store) => {
      expectTypeOf(store.get('key')).toEqualTypeOf<string | null>()
      expectTypeOf(store.bytes.get('key')).toEqualTypeOf<Buffer | null>()
      expectTypeOf(store.wait.get('key')).toEqualTypeOf<Promise<string | null>>()
      expectTypeOf(store.incr('key')).toEqualTypeOf<number>()
      expectTypeOf(store.hgetall('key')).toEqualTypeOf<{ [name: string]: string }>()
      expectTypeOf(store.bytes.hgetall('key')).toEqualTypeOf<Map<Buffer, Buffer>>()
    }
    expectTypeOf(types).toBeFunction()
  })

  test('answer by their options', () => {
    const types = (store: Store) => {
      expectTypeOf(store.set('key', 'value')).toEqualTypeOf<'OK' | null>()
      expectTypeOf(store.set('key', 1, { GET: true })).toEqualTypeOf<string | null>()
      expectTypeOf(store.zrange('key', 0, -1)).toEqualTypeOf<string[]>()
      expectTypeOf(store.zrange('key', 0, -1, { WITHSCORES: true })).toEqualTypeOf<
        [string, number][]
      >()
      expectTypeOf(store.lpop('key')).toEqualTypeOf<string | null>()
      expectTypeOf(store.lpop('key', 2)).toEqualTypeOf<string[] | null>()
      expectTypeOf(store.hrandfield('key', 2, { WITHVALUES: true })).toEqualTypeOf<
        [string, string][]
      >()
    }
    expectTypeOf(types).toBeFunction()
  })

  test('take what fits', () => {
    const types = (store: Store) => {
      store.set(new Uint8Array(2), 10n, { EX: 10 })
      store.hset('key', { field: 1 })
      store.lmove('one', 'other', 'LEFT', 'RIGHT')
      // @ts-expect-error there is no such option
      store.set('key', 'value', { EXX: 10 })
      // @ts-expect-error neither end of a list
      store.lmove('one', 'other', 'UP', 'DOWN')
      // @ts-expect-error a value is missing
      store.set('key')
      // @ts-expect-error an object is no value
      store.set('key', {})
    }
    expectTypeOf(types).toBeFunction()
  })

  test('of a chain list what it will answer', () => {
    const types = (store: Store) => {
      const chain = store.multi().incr('n').get('key')
      expectTypeOf(chain).toEqualTypeOf<Multi<string, [number, string | null]>>()
      expectTypeOf(chain.exec()).toEqualTypeOf<[number, string | null] | null>()
    }
    expectTypeOf(types).toBeFunction()
    expectTypeOf<StoreError['code']>().toEqualTypeOf<string>()
  })
})
