/**
 * What Redis 7.0 answers otherwise or does not know, so that the differential tests can't tell:
 * the form of COMMAND DOCS, hidden flags, and key specifications that no command here has yet.
 * Expectations follow the documentation of Redis 7.2.
 */
import { describe, expect, test } from 'vitest'
import { categoriesOf } from '../../../src/commands/acl-categories.ts'
import type { CommandSpec, KeySpec } from '../../../src/commands/command.ts'
import { command } from '../../../src/commands/command.ts'
import { Command } from '../../../src/commands/command-table.ts'
import { hasKeys, keysOf, legacyRange } from '../../../src/commands/key-specs.ts'
import { shownFlags } from '../../../src/commands/server/command-info.ts'
import { Args } from '../../../src/resp/args.ts'
import { InProcessClient, ReplyError, testServer } from '../../support/in-process-client.ts'

function withKeys(keys: readonly KeySpec[], more: Partial<CommandSpec> = {}): CommandSpec {
  return command({
    name: 'X',
    group: 'generic',
    since: '1.0.0',
    complexity: 'O(1)',
    summary: 'A command for tests.',
    arity: -1,
    flags: [],
    keys,
    ...more,
  })
}

/** The indexes of the keys that are found in a request. */
function found(spec: CommandSpec, ...words: string[]): number[] | null {
  return keysOf(spec, Args.from(words))?.map(({ index }) => index) ?? null
}

describe('key specifications', () => {
  test('a range counted from the end, with steps', () => {
    const pairs = withKeys([{ begin: 1, last: -1, step: 2, access: 'OW' }])
    expect(found(pairs, 'X', 'a', '1', 'b', '2')).toEqual([1, 3])
    expect(found(pairs, 'X', 'a', '1', 'b')).toEqual([1, 3])
    const allButOne = withKeys([{ begin: 1, last: -2, access: 'RW' }])
    expect(found(allButOne, 'X', 'a', 'b', 'timeout')).toEqual([1, 2])
    expect(found(allButOne, 'X', 'timeout')).toBeNull()
  })

  test('a share of the arguments behind a keyword', () => {
    const streams = withKeys([
      { begin: { keyword: 'STREAMS', startFrom: 1 }, last: -1, limit: 2, access: 'RO' },
    ])
    expect(found(streams, 'X', 'COUNT', '1', 'streams', 'a', 'b', '0', '0')).toEqual([4, 5])
    expect(found(streams, 'X', 'COUNT', '1')).toEqual([])
  })

  test('a keyword sought from the end', () => {
    const keys = withKeys([{ begin: { keyword: 'KEYS', startFrom: -2 }, last: -1, access: 'RW' }])
    expect(found(keys, 'X', 'KEYS', 'x', 'KEYS', 'a', 'b')).toEqual([4, 5])
  })

  test('a number of keys that is an argument', () => {
    const numbered = withKeys([
      { begin: 2, keyNumber: { index: 0, firstKey: 1, step: 1 }, access: 'RO' },
    ])
    expect(found(numbered, 'X', 'script', '2', 'a', 'b', 'c')).toEqual([3, 4])
    for (const count of ['0', '4', '-1', 'x', '9223372036854775808']) {
      expect(found(numbered, 'X', 'script', count, 'a', 'b', 'c')).toBeNull()
    }
    expect(found(numbered, 'X')).toBeNull()
  })

  test('what they cannot tell is asked of findKeys', () => {
    const keys: KeySpec[] = [
      { begin: 1, access: 'RO', flags: ['incomplete'] },
      { begin: 'unknown', unknown: true, access: 'OW' },
    ]
    expect(found(withKeys(keys), 'X', 'a', 'STORE', 'b')).toBeNull()
    const findKeys = () => [
      { index: 1, spec: 0 },
      { index: 3, spec: 1 },
    ]
    const spec = withKeys(keys, { findKeys })
    expect(found(spec, 'X', 'a', 'STORE', 'b')).toEqual([1, 3])
  })

  test('what is no key does not count', () => {
    const fake = withKeys([{ begin: 1, access: 'RW', flags: ['not_key'] }])
    expect(hasKeys(fake)).toBe(false)
    expect(hasKeys(withKeys([{ begin: 1, access: 'RW' }]))).toBe(true)
    expect(hasKeys(withKeys([]))).toBe(false)
  })
})

describe('the range of old', () => {
  const range = (...keys: KeySpec[]) => legacyRange(withKeys(keys))

  test('of one specification', () => {
    expect(range()).toEqual({ first: 0, last: 0, step: 0, movable: false })
    expect(range({ begin: 2, last: -1, step: 2, access: 'RO' })).toEqual({
      first: 2,
      last: -1,
      step: 2,
      movable: false,
    })
    expect(range({ begin: 1, access: 'RO', flags: ['incomplete'] }).movable).toBe(true)
  })

  test('of several', () => {
    const one: KeySpec = { begin: 1, access: 'RO' }
    const two: KeySpec = { begin: 2, access: 'OW' }
    const rest: KeySpec = { begin: 2, last: -1, access: 'RO' }
    const far: KeySpec = { begin: 4, access: 'RO' }
    const numbered: KeySpec = {
      begin: 1,
      keyNumber: { index: 0, firstKey: 1, step: 1 },
      access: 'RO',
    }
    expect(range(one, two)).toEqual({ first: 1, last: 2, step: 1, movable: false })
    expect(range(one, rest)).toEqual({ first: 1, last: -1, step: 1, movable: false })
    expect(range(one, far)).toEqual({ first: 1, last: 1, step: 1, movable: true })
    expect(range(one, numbered)).toEqual({ first: 1, last: 1, step: 1, movable: true })
    expect(range(numbered)).toEqual({ first: 0, last: 0, step: 0, movable: true })
  })
})

test('flags that are shown', () => {
  const spec = withKeys([{ begin: 'unknown', unknown: true, access: 'RO' }], {
    flags: ['may_replicate', 'allow_busy', 'protected', 'readonly'],
  })
  expect(shownFlags(new Command(spec, null))).toEqual(['readonly', 'movablekeys', 'allow_busy'])
})

test('categories that follow from flags', () => {
  expect(categoriesOf(withKeys([], { flags: ['write', 'fast'], categories: ['string'] }))).toEqual([
    'write',
    'string',
    'fast',
  ])
  expect(categoriesOf(withKeys([], { flags: ['admin', 'blocking', 'pubsub'] }))).toEqual([
    'pubsub',
    'admin',
    'slow',
    'blocking',
    'dangerous',
  ])
  const script = withKeys([], { flags: ['readonly'], categories: ['scripting'] })
  expect(categoriesOf(script)).toEqual(['slow', 'scripting'])
})

describe('COMMAND DOCS', () => {
  const client = new InProcessClient(testServer())
  client.call('HELLO', 3)

  test('of a command', () => {
    const docs = client.value('COMMAND', 'DOCS', 'getrange') as Map<string, Map<string, unknown>>
    const arg = (name: string, type: string, more: [string, unknown][] = []) =>
      new Map<string, unknown>([['name', name], ['type', type], ['display_text', name], ...more])
    const getrange = docs.get('getrange')!
    expect([...getrange.keys()]).toEqual(['summary', 'since', 'group', 'complexity', 'arguments'])
    expect(getrange.get('arguments')).toEqual([
      arg('key', 'key', [['key_spec_index', 0]]),
      arg('start', 'integer'),
      arg('end', 'integer'),
    ])
  })

  test('of containers, choices, flags and history', () => {
    const all = client.value('COMMAND', 'DOCS', 'config', 'set', 'substr', 'nosuch')
    const docs = all as Map<string, Map<string, unknown>>
    expect([...docs.keys()]).toEqual(['config', 'set', 'substr'])
    const config = docs.get('config')!
    expect([...(config.get('subcommands') as Map<string, unknown>).keys()]).toContain('config|get')
    const args = docs.get('set')!.get('arguments') as Map<string, unknown>[]
    const condition = args.find((arg) => arg.get('name') === 'condition')!
    expect(condition.get('flags')).toEqual(['optional'])
    expect([...condition.keys()]).toEqual(['name', 'type', 'since', 'flags', 'arguments'])
    expect(docs.get('set')!.get('history')).toContainEqual(['6.0.0', expect.any(String)])
    const substr = docs.get('substr')!
    expect(substr.get('doc_flags')).toEqual(['deprecated'])
    expect(substr.get('deprecated_since')).toBe('2.0.0')
  })
})

test('GETKEYS with too few arguments for 7.0 to look at', () => {
  const client = new InProcessClient(testServer())
  const error = (text: string) => new ReplyError(text)
  const noKeys = error('ERR The command has no key arguments')
  expect(client.value('COMMAND', 'GETKEYS', 'PING')).toEqual(noKeys)
  expect(client.value('COMMAND', 'GETKEYS', 'OBJECT')).toEqual(noKeys)
  expect(client.value('COMMAND', 'GETKEYSANDFLAGS', 'GET')).toEqual(
    error('ERR Invalid number of arguments specified for command'),
  )
  expect(client.value('COMMAND', 'GETKEYS', 'NOSUCH')).toEqual(
    error('ERR Invalid command specified'),
  )
  expect(client.value('COMMAND', 'GETKEYS', 'DELIFEQ', 'a', 'b')).toEqual(['a'])
})

test('COMMAND LIST by category', () => {
  const client = new InProcessClient(testServer())
  const names = client.value('COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', 'DANGEROUS') as string[]
  expect(names).toContain('flushall')
  expect(names).toContain('config|set')
  expect(names).not.toContain('get')
})
