/**
 * COMMAND and its subcommands, against the real server. COMMAND DOCS is compared for what it does
 * not know only: 7.0 lacks the field `display_text`, so that test/unit/commands has its form.
 */
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/commands/all.ts'
import { differential, type Script } from './support/compare.ts'
import { WireClient } from './support/wire.ts'

/** Commands that 7.0 does not have, or of which 7.2 says something else. */
const OTHER_IN_7_0 = new Set(['MSETNX', 'RANDOMKEY', 'SCAN', 'ZRANK', 'ZREVRANK'])
/** Versions that came after 7.0. */
const IS_AFTER_7_0 = /^(7\.[1-9]|[89]\.)/
/** Commands that scripts may not call in 7.0. */
const NO_SCRIPT_IN_7_0 = /^B(LMOVE|LMPOP|LPOP|RPOP|RPOPLPUSH|ZMPOP|ZPOPMAX|ZPOPMIN)$/

function infoOfEach(): Script {
  const comparable = COMMANDS.filter(
    ({ name, since, subcommands }) =>
      !OTHER_IN_7_0.has(name) &&
      !NO_SCRIPT_IN_7_0.test(name) &&
      !IS_AFTER_7_0.test(since) &&
      subcommands === undefined,
  )
  return comparable.map(({ name }) => `COMMAND INFO ${name}`)
}

differential('COMMAND', ({ compare, pair }) => {
  test('INFO', () => compare(infoOfEach()))

  test('INFO and DOCS of subcommands and of what there is not', () =>
    compare([
      'COMMAND INFO nosuch',
      'COMMAND INFO get nosuch GET config|get config|nosuch config|get|x |',
      'COMMAND INFO object|freq memory|usage',
      'COMMAND DOCS nosuch',
    ]))

  test('all commands', async () => {
    const client = await WireClient.connect(pair().redstart.port)
    try {
      const reply = async (...words: string[]) =>
        Buffer.from(await client.call(...words)).toString('latin1')
      const head = (text: string) => text.slice(0, text.indexOf('\r\n'))
      const count = head(await reply('COMMAND', 'COUNT')).slice(1)
      expect(Number(count)).toBe(COMMANDS.length)
      expect(head(await reply('COMMAND'))).toBe(`*${count}`)
      expect(head(await reply('COMMAND', 'INFO'))).toBe(`*${count}`)
      expect(head(await reply('COMMAND', 'DOCS'))).toBe(`*${Number(count) * 2}`)
      expect(Number(head(await reply('COMMAND', 'LIST')).slice(1))).toBeGreaterThan(Number(count))
    } finally {
      client.close()
    }
  })

  test('LIST', () =>
    compare([
      { command: 'COMMAND LIST FILTERBY PATTERN GETSET', unordered: 'elements' },
      { command: 'COMMAND LIST FILTERBY PATTERN config|*', unordered: 'elements' },
      { command: 'COMMAND LIST FILTERBY PATTERN nosuch', unordered: 'elements' },
      { command: 'COMMAND LIST FILTERBY PATTERN [', unordered: 'elements' },
      { command: 'COMMAND LIST FILTERBY MODULE nosuch', unordered: 'elements' },
      { command: 'COMMAND LIST FILTERBY ACLCAT nosuch', unordered: 'elements' },
      'COMMAND LIST FILTERBY NOSUCH x',
      'COMMAND LIST FILTERBY PATTERN',
      'COMMAND LIST FILTERBY',
      'COMMAND LIST x',
      'COMMAND LIST FILTERBY PATTERN a b',
    ]))

  test('GETKEYS', () =>
    compare([
      'COMMAND GETKEYS GET key',
      'COMMAND GETKEYS get key',
      'COMMAND GETKEYS SET key value EX 10',
      'COMMAND GETKEYS MSET a 1 b 2 c 3',
      'COMMAND GETKEYS MSET a 1 b',
      'COMMAND GETKEYS MGET a b c',
      'COMMAND GETKEYS DEL a',
      'COMMAND GETKEYS RENAME a b',
      'COMMAND GETKEYS COPY a b REPLACE',
      'COMMAND GETKEYS OBJECT ENCODING key',
      'COMMAND GETKEYS OBJECT NOSUCH key',
      'COMMAND GETKEYS MEMORY USAGE key',
      'COMMAND GETKEYS LCS a b LEN',
      'COMMAND GETKEYS GET a b',
      'COMMAND GETKEYS GETRANGE a',
      'COMMAND GETKEYS PING x',
      'COMMAND GETKEYS CONFIG GET x',
      'COMMAND GETKEYS config|get x',
      'COMMAND GETKEYS NOSUCH x',
      'COMMAND GETKEYS PING a b',
      'COMMAND GETKEYS',
    ]))

  test('GETKEYSANDFLAGS', () =>
    compare([
      'COMMAND GETKEYSANDFLAGS GET key',
      'COMMAND GETKEYSANDFLAGS SET key value',
      'COMMAND GETKEYSANDFLAGS SET key value EX 10 GET',
      'COMMAND GETKEYSANDFLAGS SET key value get NX',
      'COMMAND GETKEYSANDFLAGS MSET a 1 b 2',
      'COMMAND GETKEYSANDFLAGS RENAME a b',
      'COMMAND GETKEYSANDFLAGS COPY a b',
      'COMMAND GETKEYSANDFLAGS MOVE a 1',
      'COMMAND GETKEYSANDFLAGS GETDEL a',
      'COMMAND GETKEYSANDFLAGS INCR a',
      'COMMAND GETKEYSANDFLAGS PING x',
      'COMMAND GETKEYSANDFLAGS NOSUCH x',
      'COMMAND GETKEYSANDFLAGS',
    ]))

  test('what is no subcommand', () =>
    compare(['COMMAND NOSUCH', 'COMMAND COUNT x', 'COMMAND HELP x', 'command count x']))
})
