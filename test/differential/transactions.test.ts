/** MULTI, EXEC, DISCARD, WATCH and UNWATCH against the reference, with several connections in step. */
import { test } from 'vitest'
import { differential, type Script } from './support/compare.ts'

differential('MULTI, EXEC and DISCARD', ({ compare }) => {
  test('what is queued is done at EXEC', () =>
    compare([
      'MULTI',
      'SET a 1',
      'INCR a',
      'GET a',
      { client: 1, command: 'GET a' },
      'EXEC',
      'GET a',
      'MULTI',
      'EXEC',
      'MULTI',
      'SET a 5',
      'DISCARD',
      'GET a',
    ]))

  test('the commands themselves, where they must not be', () =>
    compare([
      'EXEC',
      'DISCARD',
      'EXEC x',
      'DISCARD x',
      'MULTI x',
      'UNWATCH x',
      'WATCH',
      'MULTI',
      'MULTI',
      'WATCH a',
      'UNWATCH',
      'EXEC',
      'EXEC',
      'MULTI',
      'EXEC x',
      'EXEC',
      'MULTI',
      'DISCARD x',
      'EXEC',
      'MULTI',
      'MULTI x',
      'EXEC',
      'MULTI',
      'WATCH',
      'DISCARD',
    ]))

  test('an error while queueing aborts, and nothing is queued behind it', () =>
    compare([
      'MULTI',
      'SET a 1',
      'NOSUCH a b',
      'SET b 1',
      'CLIENT LIST x y',
      'EXEC',
      'EXISTS a b',
      'MULTI',
      'GET',
      'EXEC',
      'MULTI',
      'CONFIG NOSUCH',
      'EXEC',
      'MULTI',
      'SET a 1',
      'GET',
      'DISCARD',
      'SET a 2',
      'GET a',
    ]))

  test('commands that no transaction has', () =>
    compare(['MULTI', 'SAVE', 'EXEC', 'MULTI', 'SHUTDOWN NOSAVE', 'EXEC', 'PING']))

  test('errors in EXEC are elements', () =>
    compare([
      'SET s x',
      'MULTI',
      'INCR s',
      'LPUSH s 1',
      'SET t 1',
      ['SET', 't', '1', 'NOSUCH'],
      'GET t',
      'EXEC',
      'GET t',
    ]))

  test('replies of every kind', () =>
    compare([
      'MULTI',
      'HSET h f v',
      'HGETALL h',
      'SADD s 1',
      'SMEMBERS s',
      'ZADD z 1.5 m',
      'ZRANGE z 0 -1 WITHSCORES',
      'ZSCORE z m',
      'GET nosuch',
      'LPOP nosuch 2',
      'CONFIG GET maxmemory',
      'DEBUG JMAP',
      'PING',
      'ECHO x',
      'OBJECT ENCODING h',
      'EXEC',
    ]))

  test('SELECT inside', () =>
    compare([
      'SET k 0',
      'MULTI',
      'SELECT 3',
      'SET k 3',
      'SELECT 99',
      'GET k',
      'SELECT 0',
      'GET k',
      'SELECT 3',
      'EXEC',
      'GET k',
    ]))

  test('HELLO inside changes the protocol on the way', () =>
    compare([
      'MULTI',
      'HGETALL x',
      { command: 'HELLO 3' },
      'HGETALL x',
      { command: 'EXEC', mask: (reply) => reply.replace(/:\d+|\d+\.\d+\.\d+|\$\d+/g, 'N') },
      'HGETALL x',
    ]))

  test('QUIT and RESET are not queued', () =>
    compare([
      'MULTI',
      'SET a 1',
      'RESET',
      'EXEC',
      'GET a',
      'WATCH a',
      { client: 1, command: 'SET a 2' },
      'RESET',
      'MULTI',
      'GET a',
      'EXEC',
      { client: 2, command: 'MULTI' },
      { client: 2, command: 'SET b 2' },
      { client: 2, command: 'QUIT' },
      'GET b',
    ]))

  test('blocking commands do not block', () =>
    compare([
      'MULTI',
      'BLPOP l 0',
      'BRPOP l 0',
      'BLMOVE l m LEFT LEFT 0',
      'BRPOPLPUSH l m 0',
      'BLMPOP 0 1 l LEFT',
      'BZPOPMIN z 0',
      'BZPOPMAX z 0',
      'BZMPOP 0 1 z MIN',
      'LPUSH l a b',
      'BLPOP l 0',
      'EXEC',
      'LRANGE l 0 -1',
    ]))

  test('those who wait are served when all of EXEC is done', () =>
    compare([
      { client: 1, command: 'BLPOP l 0', sendOnly: true },
      { command: 'DEBUG SLEEP 0.05' },
      'MULTI',
      'LPUSH l a b c',
      'LLEN l',
      'DEL l',
      'RPUSH l x',
      'EXEC',
      { client: 1, receive: true },
      'EXISTS l',
    ]))

  const reply = (mode: string): Script => [
    'MULTI',
    'SET a 1',
    `CLIENT REPLY ${mode}`,
    'SET b 1',
    'SET c 1',
  ]
  test('CLIENT REPLY ON inside', () => compare([...reply('ON'), 'EXEC', 'PING']))

  const unanswered = (...commands: string[]): Script =>
    commands.map((command) => ({ command, sendOnly: true }))

  test('CLIENT REPLY ON within the silence of OFF', () =>
    compare([
      ...unanswered('CLIENT REPLY OFF', 'MULTI', 'PING', 'CLIENT REPLY ON', 'ECHO a', 'EXEC'),
      'ECHO b',
      'ECHO c',
      'ECHO d',
    ]))

  test('RESET within the silence of OFF', () =>
    compare([...unanswered('CLIENT REPLY OFF', 'MULTI', 'PING', 'RESET'), 'ECHO a', 'ECHO b']))

  test('CLIENT REPLY SKIP before what is queued, and before EXEC', () =>
    compare([
      'MULTI',
      'SET a 1',
      { command: 'CLIENT REPLY SKIP' },
      'DISCARD',
      { command: 'CLIENT REPLY SKIP', sendOnly: true },
      { command: 'MULTI', sendOnly: true },
      'SET a 2',
      'EXEC',
      'GET a',
    ]))

  test('statistics count EXEC and its commands', () =>
    compare([
      'MULTI',
      'SET a 1',
      'INCR a',
      'LPUSH a 1',
      'EXEC',
      'EXEC',
      'MULTI',
      'NOSUCH',
      'EXEC',
      'MULTI',
      'GET',
      'EXEC',
      'EXEC x',
      { command: 'INFO commandstats', mask: countsOnly },
      { command: 'INFO errorstats' },
      { command: 'INFO stats', mask: (text) => /total_error_replies:\d+/.exec(text)?.[0] ?? '' },
    ]))

  test('a client that is in a transaction', () =>
    compare([
      { command: 'CLIENT LIST', mask: transactionFields },
      'MULTI',
      { client: 1, command: 'CLIENT LIST', mask: transactionFields },
      'SET a 1',
      'CLIENT INFO',
      { client: 1, command: 'CLIENT LIST', mask: transactionFields },
      { command: 'EXEC', mask: transactionFields },
      { client: 1, command: 'CLIENT LIST', mask: transactionFields },
      'WATCH k',
      { client: 1, command: 'CLIENT LIST', mask: transactionFields },
      { client: 1, command: 'SET k 1' },
      { client: 1, command: 'CLIENT LIST', mask: transactionFields },
      'MULTI',
      'GET',
      { client: 1, command: 'CLIENT LIST', mask: transactionFields },
      'EXEC',
      { client: 1, command: 'CLIENT LIST', mask: transactionFields },
    ]))

  test('CLIENT PAUSE holds back EXEC, or all', () =>
    compare([
      'MULTI',
      'SET a 1',
      { client: 1, command: 'CLIENT PAUSE 60000 WRITE' },
      'GET a',
      { command: 'EXEC', sendOnly: true },
      { client: 1, command: 'GET a' },
      { client: 1, command: 'CLIENT UNPAUSE' },
      { receive: true },
      { client: 1, command: 'GET a' },
      'MULTI',
      { client: 1, command: 'CLIENT PAUSE 60000 WRITE' },
      'GET a',
      'EXEC',
      'MULTI',
      { command: 'SET a 2', sendOnly: true },
      { client: 1, command: 'CLIENT UNPAUSE' },
      { receive: true },
      'EXEC',
    ]))

  // Once only: a second round would come upon what the first has scheduled.
  test('BGSAVE and BGREWRITEAOF wait for the end of EXEC', () =>
    compare(['MULTI', 'BGSAVE', 'BGREWRITEAOF', 'EXEC'], [2]))

  test('the declarations', () =>
    compare([
      { command: 'COMMAND INFO multi exec discard watch unwatch', unordered: 'deep' },
      'COMMAND GETKEYS WATCH a b c',
    ]))
})

function countsOnly(text: string): string {
  return text
    .split('\r\n')
    .filter((line) => line.startsWith('cmdstat'))
    .map((line) => line.replace(/usec[^,]*=[^,]*,/g, ''))
    .sort()
    .join('\n')
}

function transactionFields(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => / (multi|cmd)=/.test(line))
    .filter((line) => !line.includes('cmd=config|resetstat'))
  const shown = lines.map((line) =>
    ['flags', 'multi', 'cmd', 'db']
      .map((name) => new RegExp(` ${name}=\\S*`).exec(line)?.[0])
      .join(''),
  )
  return shown.join('\n')
}

differential('WATCH and UNWATCH', { flags: ['--enable-debug-command', 'yes'] }, ({ compare }) => {
  /** A change by another client between WATCH k and EXEC. */
  const changedBy = (before: Script, ...changes: Script): Script => [
    ...before,
    'WATCH k',
    ...changes.map((change) => ({
      ...(typeof change === 'object' && 'command' in change
        ? change
        : { command: change as string }),
      client: 1,
    })),
    'MULTI',
    'PING',
    'EXEC',
    'MULTI',
    'PING',
    'EXEC',
  ]

  test('a key that is changed, made or removed', async () => {
    await compare(changedBy(['SET k 1'], 'SET k 2'))
    await compare(changedBy(['SET k 1'], 'SET k 1'))
    await compare(changedBy(['SET k 1'], 'GET k'))
    await compare(changedBy(['SET k 1'], 'SET other 2'))
    await compare(changedBy([], 'SET k 2'))
    await compare(changedBy(['SET k 1'], 'DEL k'))
    await compare(changedBy([], 'DEL k'))
    await compare(changedBy([], 'SET k 2', 'DEL k'))
    await compare(changedBy(['LPUSH k a'], 'LPUSH k b'))
    await compare(changedBy(['LPUSH k a'], 'LPOP k'))
    await compare(changedBy(['LPUSH k a'], 'LREM k 0 nosuch'))
    await compare(changedBy(['SET k 1'], 'LPUSH k b'))
    await compare(changedBy(['SET k 1'], 'SETNX k b'))
    await compare(changedBy(['SADD k 1'], 'SADD k 1'))
    await compare(changedBy(['SADD k 1'], 'SMOVE k l 1'))
    await compare(changedBy(['SADD l 1'], 'SMOVE l k 1'))
    await compare(changedBy(['HSET k f 1'], 'HSET k f 1'))
    await compare(changedBy(['ZADD k 1 m'], 'ZADD k 1 m'))
    await compare(changedBy(['ZADD k 1 m'], 'ZADD k 2 m'))
    await compare(changedBy(['PFADD k a b'], 'PFADD k c'))
    await compare(changedBy(['PFADD k a b'], 'PFCOUNT k'))
    await compare(changedBy(['RPUSH l 1 2'], 'SORT l STORE k'))
    await compare(changedBy(['SADD l 1 2'], 'SUNIONSTORE k l'))
    await compare(changedBy(['SET k 1'], 'SUNIONSTORE k l'))
  })

  test('expiry times, and keys that go elsewhere', async () => {
    await compare(changedBy(['SET k 1'], 'EXPIRE k 100'))
    await compare(changedBy(['SET k 1'], 'PERSIST k'))
    await compare(changedBy(['SET k 1 EX 100'], 'PERSIST k'))
    await compare(changedBy(['SET k 1'], 'EXPIRE k -1'))
    await compare(changedBy(['SET k 1'], 'TOUCH k', 'OBJECT ENCODING k', 'TYPE k'))
    await compare(changedBy(['SET k 1'], 'RENAME k l'))
    await compare(changedBy(['SET l 1'], 'RENAME l k'))
    await compare(changedBy(['SET k 1'], 'RENAME k k'))
    await compare(changedBy(['SET l 1', 'SET k 2'], 'RENAMENX l k'))
    await compare(changedBy(['SET k 1'], 'COPY k l'))
    await compare(changedBy(['SET l 1'], 'COPY l k'))
    await compare(changedBy(['SET l 1'], 'COPY l k DB 1'))
    await compare(changedBy(['SET k 1'], 'MOVE k 1'))
    await compare(changedBy([], 'SELECT 1', 'SET k 1', 'MOVE k 0'))
    await compare(changedBy(['SELECT 1'], 'SET k 2'))
    await compare(changedBy(['SELECT 1'], 'SELECT 1', 'SET k 2'))
  })

  test('emptied and exchanged databases', async () => {
    await compare(changedBy(['SET k 1'], 'FLUSHALL'))
    await compare(changedBy([], 'FLUSHALL'))
    await compare(changedBy(['SET other 1'], 'FLUSHALL'))
    await compare(changedBy(['SET k 1'], 'FLUSHDB'))
    await compare(changedBy([], 'SELECT 1', 'SET k 1', 'FLUSHDB'))
    await compare(changedBy(['SET k 1'], 'SELECT 1', 'SET k 1', 'FLUSHDB'))
    await compare(changedBy(['SET k 1'], 'SWAPDB 0 1'))
    await compare(changedBy([], 'SWAPDB 0 1'))
    await compare(changedBy([], 'SELECT 1', 'SET k 1', 'SWAPDB 0 1'))
    await compare(changedBy(['SET k 1'], 'SWAPDB 0 0'))
    await compare(changedBy(['SET k 1'], 'SWAPDB 1 2'))
    await compare(changedBy(['SET k 1'], 'DEBUG RELOAD'))
  })

  test('keys that expire', () =>
    compare([
      'DEBUG SET-ACTIVE-EXPIRE 0',
      'SET k 1 PX 300',
      'WATCH k',
      { client: 1, command: 'DEBUG SLEEP 0.4' },
      'MULTI',
      'PING',
      'EXEC',
      'WATCH k',
      'MULTI',
      'PING',
      'EXEC',
      'SET k 1 PX 30',
      { client: 1, command: 'DEBUG SLEEP 0.06' },
      'WATCH k',
      { client: 1, command: 'GET k' },
      'MULTI',
      'PING',
      'EXEC',
      'SET k 1 PX 30',
      { client: 1, command: 'DEBUG SLEEP 0.06' },
      'WATCH k',
      { client: 1, command: 'SET k 2' },
      'MULTI',
      'PING',
      'EXEC',
      'SET k 1 PX 300',
      'WATCH k',
      { client: 1, command: 'DEBUG SLEEP 0.4' },
      { client: 1, command: 'GET k' },
      'MULTI',
      'PING',
      'EXEC',
      'SET k 1 PX 30',
      { client: 1, command: 'DEBUG SLEEP 0.06' },
      'WATCH k',
      { client: 1, command: 'FLUSHALL' },
      'MULTI',
      'PING',
      'EXEC',
      'SET k 1 PX 30',
      { client: 1, command: 'DEBUG SLEEP 0.06' },
      'WATCH k',
      { client: 1, command: 'SWAPDB 0 1' },
      'MULTI',
      'PING',
      'EXEC',
      'DEBUG SET-ACTIVE-EXPIRE 1',
    ]))

  test('own changes, several keys, UNWATCH and DISCARD', () =>
    compare([
      'WATCH a b c a',
      'SET b 1',
      'MULTI',
      'PING',
      'EXEC',
      'WATCH a',
      'MULTI',
      'SET a 1',
      'EXEC',
      'MULTI',
      'PING',
      'EXEC',
      'WATCH a',
      'SET a 2',
      'UNWATCH',
      'MULTI',
      'PING',
      'EXEC',
      'WATCH a',
      'SET a 2',
      'WATCH b',
      'MULTI',
      'DISCARD',
      'MULTI',
      'PING',
      'EXEC',
      'WATCH a',
      'MULTI',
      'UNWATCH',
      { client: 1, command: 'SET a 3' },
      'EXEC',
      'WATCH a',
      'SET a 2',
      'MULTI',
      'NOSUCH',
      'EXEC',
      'UNWATCH',
    ]))

  test('a blocked client that is served is a change', () =>
    compare([
      { client: 1, command: 'BLMOVE l k LEFT LEFT 0', sendOnly: true },
      { command: 'DEBUG SLEEP 0.05' },
      'WATCH k',
      { client: 2, command: 'LPUSH l a' },
      { client: 1, receive: true },
      'MULTI',
      'PING',
      'EXEC',
    ]))
})

differential('transactions with a password', { flags: ['--requirepass', 'x'] }, ({ pair }) => {
  test('EXEC without it says why', async () => {
    const { WireClient } = await import('./support/wire.ts')
    const replies: string[] = []
    for (const { port } of [pair().reference, pair().redstart]) {
      const client = await WireClient.connect(port)
      const all = await client.pipeline([['EXEC'], ['MULTI'], ['DISCARD'], ['AUTH', 'x'], ['EXEC']])
      replies.push(JSON.stringify(all.map((each) => Buffer.from(each).toString())))
      client.close()
    }
    const { expect } = await import('vitest')
    expect(replies[1]).toBe(replies[0])
  })
})
