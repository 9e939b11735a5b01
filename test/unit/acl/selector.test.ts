/** What a selector allows: keys and channels by pattern, against plain glob matching. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { READ, Selector, WRITE } from '../../../src/acl/selector.ts'
import { globMatch } from '../../../src/bytes/glob.ts'
import { fromLatin1 } from '../../../src/bytes/text.ts'
import { Args } from '../../../src/resp/args.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '[', ']', '\\', '\xff') })
const patterns = fc.array(fc.tuple(text, fc.constantFrom(READ, WRITE, READ | WRITE)), {
  maxLength: 4,
})

test('a key is allowed by the patterns that match it and have all that is needed', () => {
  fc.assert(
    fc.property(
      patterns,
      text,
      fc.constantFrom(0, READ, WRITE, READ | WRITE),
      (list, key, needed) => {
        const selector = new Selector(1, false)
        const merged = new Map<string, number>()
        for (const [pattern, permissions] of list) {
          selector.addKeyPattern(pattern, permissions)
          merged.set(pattern, (merged.get(pattern) ?? 0) | permissions)
        }
        const isAllowed = [...merged].some(
          ([pattern, permissions]) =>
            (permissions & needed) === needed &&
            globMatch(fromLatin1(pattern), fromLatin1(key), false),
        )
        const args = Args.from(['GET', key, 'behind'])
        expect(selector.allowsKey(args, 1, needed)).toBe(isAllowed)
        expect(selector.copy().allowsKey(args, 1, needed)).toBe(isAllowed)
      },
    ),
    { seed: 1 },
  )
})

test('a channel is allowed by a pattern, a pattern of channels only by itself', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), text, (list, name) => {
      const selector = new Selector(1, false)
      for (const pattern of list) selector.addChannel(pattern)
      const bytes = fromLatin1(`<${name}>`)
      const end = bytes.length - 1
      const matches = (pattern: string) => globMatch(fromLatin1(pattern), fromLatin1(name), false)
      expect(selector.allowsChannel(bytes, 1, end, false)).toBe(list.some(matches))
      expect(selector.allowsChannel(bytes, 1, end, true)).toBe(list.includes(name))
    }),
    { seed: 2 },
  )
})

test('what is copied is changed by itself', () => {
  const selector = new Selector(1, false)
  selector.addKeyPattern('a', READ)
  const copy = selector.copy()
  copy.addKeyPattern('a', WRITE)
  copy.addChannel('c')
  copy.addCommandRule('+', 'get')
  copy.setAllCommands(true)
  expect(selector.keyPatterns.map(({ permissions }) => permissions)).toEqual([READ])
  expect([selector.channels, selector.commandRules]).toEqual([[], []])
  expect([selector.allCommands, copy.allCommands]).toEqual([false, true])
})

test('all keys may be used so by a pattern that is a mere star', () => {
  const selector = new Selector(1, false)
  selector.addKeyPattern('**', READ | WRITE)
  expect(selector.allowsAllKeys(READ)).toBe(false)
  selector.addKeyPattern('*', READ)
  expect(selector.allowsAllKeys(READ)).toBe(true)
  expect(selector.allowsAllKeys(WRITE)).toBe(false)
})
