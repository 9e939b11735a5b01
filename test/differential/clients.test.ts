/**
 * What CLIENT LIST shows of clients in every state, whom CLIENT KILL ends, what CLIENT PAUSE holds,
 * and what RESET forgets: with several connections in step. (RESET ends CLIENT NO-EVICT since 7.2,
 * which the reference does not know.)
 */
import { test } from 'vitest'
import { differential, type Script, type Step } from './support/compare.ts'

/** Fields that both servers have to agree on; those of memory are each server's own. */
const COMPARED = [
  'db',
  'flags',
  'sub',
  'psub',
  'ssub',
  'multi',
  'multi-mem',
  'argv-mem',
  'obl',
  'oll',
  'omem',
  'events',
  'cmd',
  'user',
  'redir',
  'resp',
  'name',
]

/** The compared fields of each line, in the order of the clients' names. */
function states(reply: string): string {
  const lines = reply.split('\n').filter((line) => line.includes(' name='))
  const shown = lines.map((line) =>
    COMPARED.map((name) => `${name}=${new RegExp(` ${name}=([^ \r]*)`).exec(line)?.[1]}`).join(' '),
  )
  return shown
    .sort((one, other) => (one.split('name=')[1]! < other.split('name=')[1]! ? -1 : 1))
    .join('\n')
}

/** A command that is to wait; behind it, replies to another connection show that it has arrived. */
function waits(client: number, command: string): Step[] {
  const ping = { client: 8, command: 'PING' }
  return [ping, { client, command, sendOnly: true }, ping, ping]
}

const list: Step = { client: 9, command: 'CLIENT LIST', mask: states }

/** Steps of client 1, each followed by a look at it. */
function lookingAfter(...commands: readonly (string | Step)[]): Script {
  const steps: Step[] = [
    { client: 9, command: 'CLIENT SETNAME observer' },
    { client: 8, command: 'CLIENT SETNAME fence' },
    { client: 1, command: 'CLIENT SETNAME observed' },
  ]
  for (const each of commands) {
    const step = typeof each === 'string' ? { client: 1, command: each } : each
    steps.push(String(step.command).startsWith('HELLO') ? { ...step, mask: () => '' } : step)
    if (!step.sendOnly) steps.push(list)
  }
  return steps
}

differential('CLIENT LIST', ({ compare }) => {
  test('of a client that queues and watches', () =>
    compare(
      lookingAfter(
        'SELECT 3',
        'WATCH a b',
        'MULTI',
        'SET a 12345',
        'GET a',
        'NOSUCH',
        'DISCARD',
        'WATCH a',
        { client: 2, command: 'SELECT 3' },
        { client: 2, command: 'SET a 1' },
        'MULTI',
        'PING',
        'EXEC',
        'UNWATCH',
      ),
    ))

  test('of one that listens', () =>
    compare(
      lookingAfter(
        'SUBSCRIBE a',
        'PSUBSCRIBE b*',
        'SSUBSCRIBE c',
        'PUNSUBSCRIBE b*',
        'SUNSUBSCRIBE c',
        'UNSUBSCRIBE a',
        'PING',
      ),
    ))

  test('of one that waits, until somebody lets it go', () =>
    compare(
      lookingAfter(
        ...waits(1, 'BLPOP list 0'),
        { client: 2, command: 'RPUSH list a' },
        { client: 1, receive: true },
        ...waits(1, 'BZPOPMIN set 0'),
        {
          client: 9,
          command: 'INFO clients',
          mask: (reply) => reply.match(/(connected|blocked)_clients:\d+/g)!.join(),
        },
      ),
    ))

  test('of one with modes, and errors', () =>
    compare(
      lookingAfter(
        'CLIENT NO-EVICT ON',
        'HELLO 3',
        'CLIENT TRACKING ON',
        'CLIENT TRACKING OFF',
        'CLIENT TRACKING ON BCAST PREFIX a',
        'GET',
        'NOSUCH',
        'CLIENT NOSUCH',
        'CONFIG GET maxmemory',
        'CLIENT NO-EVICT OFF',
        'RESET',
      ),
    ))

  test('by kind and number', () =>
    compare([
      { client: 1, command: 'CLIENT SETNAME normal' },
      { client: 2, command: 'CLIENT SETNAME listener' },
      { client: 2, command: 'SUBSCRIBE a' },
      { client: 9, command: 'CLIENT LIST TYPE pubsub', mask: states },
      { client: 9, command: 'CLIENT LIST TYPE PUBSUB', mask: states },
      { client: 9, command: 'CLIENT LIST TYPE replica', mask: states },
      { client: 9, command: 'CLIENT LIST TYPE master', mask: states },
      { client: 9, command: 'CLIENT LIST ID 999999 888888', mask: states },
      { client: 9, command: 'CLIENT LIST TYPE pubsub x' },
      { client: 9, command: 'CLIENT LIST ID' },
    ]))
})

differential('CLIENT KILL', ({ compare }) => {
  /** A listener, one in a transaction, one that waits, and the killer. */
  const crowd: Script = [
    { client: 1, command: 'CLIENT SETNAME listener' },
    { client: 1, command: 'PSUBSCRIBE a*' },
    { client: 2, command: 'CLIENT SETNAME queueing' },
    { client: 2, command: 'MULTI' },
    { client: 2, command: 'SET a 1' },
    { client: 3, command: 'CLIENT SETNAME waiting' },
    ...waits(3, 'BLPOP list 0'),
    { client: 9, command: 'CLIENT SETNAME killer' },
  ]
  const after = [
    list,
    { client: 9, command: 'PUBSUB NUMPAT' },
    { client: 9, command: 'RPUSH list x' },
    { client: 9, command: 'LLEN list' },
  ]

  test.each([
    'TYPE pubsub',
    'TYPE normal',
    'TYPE replica',
    'TYPE master',
    'USER default',
    'USER default TYPE pubsub',
    'SKIPME yes',
    'LADDR 127.0.0.1:1 TYPE normal',
    'ADDR 127.0.0.1:1',
  ])('%s', (filter) =>
    compare([...crowd, { client: 9, command: `CLIENT KILL ${filter}` }, ...after]),
  )
})

differential('CLIENT PAUSE', { flags: ['--enable-debug-command', 'yes'] }, ({ compare }) => {
  const held = (command: string): Script => waits(1, command)

  test.each([
    'SET key 2',
    'PUBLISH channel x',
    'SPUBLISH channel x',
    'PFCOUNT hll',
    'FLUSHALL',
    'DEL none',
    'GETEX key',
    'SORT list STORE other',
    'EXPIRE none 1',
    'COPY key other',
  ])('WRITE holds %s', (command) =>
    compare([
      'SET key 1',
      'RPUSH list a b',
      'PFADD hll a',
      { client: 1, command: 'PING' },
      'CLIENT PAUSE 100000 WRITE',
      ...held(command),
      { command: 'INFO clients', mask: (reply) => reply.match(/blocked_clients:\d+/)![0] },
      'CLIENT UNPAUSE',
      { client: 1, receive: true },
      { command: 'KEYS *', unordered: 'elements' },
    ]),
  )

  test('WRITE lets reads through, and errors', () =>
    compare([
      'SET key 1',
      'PFADD hll a',
      'CLIENT PAUSE 100000 WRITE',
      'GET key',
      'SORT_RO list',
      'PUBSUB NUMPAT',
      'SUBSCRIBE channel',
      'UNSUBSCRIBE channel',
      'SET key',
      'NOSUCH',
      'OBJECT ENCODING key',
      'CLIENT LIST TYPE pubsub',
      'CONFIG SET timeout 0',
      'MULTI',
      'GET key',
      'EXEC',
      'CLIENT UNPAUSE',
    ]))

  test('holds EXEC of a transaction that writes', () =>
    compare([
      { client: 1, command: 'MULTI' },
      { client: 1, command: 'SET key 1' },
      'CLIENT PAUSE 100000 WRITE',
      { client: 1, command: 'GET key' },
      ...held('EXEC'),
      'GET key',
      'CLIENT UNPAUSE',
      { client: 1, receive: true },
      'GET key',
    ]))

  test('keeps what expires and what should be evicted', () =>
    compare([
      'SET other 1 PX 500',
      'CLIENT PAUSE 100000 WRITE',
      'DEBUG SLEEP 0.6',
      'GET other',
      'TTL other',
      'EXISTS other',
      'DBSIZE',
      'CONFIG SET maxmemory-policy allkeys-lru',
      'CONFIG SET maxmemory 1',
      'GET other',
      'PING',
      'CONFIG SET maxmemory 0',
      'CONFIG SET maxmemory-policy noeviction',
      {
        command: 'INFO stats',
        mask: (reply) => reply.match(/(expired|evicted)_keys:\d+/g)!.join(),
      },
      'CLIENT UNPAUSE',
      'GET other',
      'DBSIZE',
    ]))
})

differential('RESET', ({ compare }) => {
  const states = (before: readonly string[]): Script =>
    lookingAfter(...before, 'RESET', 'CLIENT SETNAME observed', 'GET none', 'CLIENT GETREDIR')

  test.each([
    [['MULTI', 'SET a 1']],
    [['WATCH a']],
    [['SUBSCRIBE a', 'PSUBSCRIBE b', 'SSUBSCRIBE c']],
    [['SELECT 5']],
    [['HELLO 3', 'CLIENT TRACKING ON', 'GET a']],
    [['HELLO 3', 'CLIENT TRACKING ON BCAST PREFIX a', 'SELECT 3']],
  ])('after %j', (before) => compare(states(before)))

  test('ends the silence of CLIENT REPLY OFF', () =>
    compare([
      { client: 1, command: 'CLIENT REPLY OFF', sendOnly: true },
      { client: 1, command: 'SET a 1', sendOnly: true },
      { client: 1, command: 'RESET' },
      { client: 1, command: 'GET a' },
    ]))

  test('takes no arguments', () => compare(['RESET x', 'MULTI', 'RESET x', 'EXEC']))
})
