/**
 * Calls against the server: one stream of random commands is called in one and sent to another by
 * RESP3, and the answers are compared, and what is in the databases afterwards.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { Calls, REFUSED } from '../../../src/embedded/call.ts'
import { ReplyDecoder } from '../../../src/embedded/reply-decoder.ts'
import { StoreError } from '../../../src/embedded/store-error.ts'
import type { Value } from '../../../src/embedded/value-reply.ts'
import { NoTransport } from '../../../src/server/no-transport.ts'
import type { Server } from '../../../src/server/server.ts'
import { Session } from '../../../src/server/session.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'
import { isBoundless, type RandomCommand, RandomCommands } from '../../support/random-commands.ts'

const COMMANDS = 5000
const SEED = 1

const EXCLUDED = new Set([
  ...Array.from(REFUSED.keys(), (name) => name.toUpperCase().replace('|', ' ')),
  ...['ACL', 'CLIENT', 'CONFIG', 'DEBUG', 'INFO', 'MONITOR'],
  // They tell about the server itself, or go on beside what follows.
  ...['BGREWRITEAOF', 'BGSAVE', 'COMMANDLOG', 'FAILOVER', 'LASTSAVE', 'LATENCY', 'MEMORY'],
  ...['PFSELFTEST', 'REPLICAOF', 'SAVE', 'SHUTDOWN', 'SLOWLOG', 'WAIT', 'WAITAOF'],
  // A client waits for them; a call does not.
  'MIGRATE',
  ...['BLMOVE', 'BLMPOP', 'BLPOP', 'BRPOP', 'BRPOPLPUSH', 'BZMPOP', 'BZPOPMAX', 'BZPOPMIN'],
  ...['XREAD', 'XREADGROUP'],
  // Without MULTI it watches for nothing, and takes memory.
  'WATCH',
])

/** The answer to a call; an error is its text. */
function called(calls: Calls, { args }: RandomCommand): Value {
  const [name, ...rest] = args
  try {
    return comparable(calls.finish(calls.prepare(name!.toString('utf8'), rest), true))
  } catch (error) {
    if (error instanceof StoreError) return comparable(error)
    throw error
  }
}

function sent(client: InProcessClient, { args }: RandomCommand): Value {
  const answers: Value[] = []
  const decoder = new ReplyDecoder((value) => answers.push(value))
  decoder.reply.asBytes = true
  decoder.feed(Buffer.from(client.call(...args), 'latin1'))
  if (answers.length !== 1) throw new Error(`${answers.length} answers: ${args.join(' ')}`)
  return comparable(answers[0]!)
}

/** A value with errors as their texts, some of which repeat a word as it was written. */
function comparable(value: Value): Value {
  if (value instanceof StoreError) return value.message.toLowerCase()
  return Array.isArray(value) ? value.map(comparable) : value
}

function content(server: Server): Value {
  const client = new InProcessClient(server)
  const parts: Value[] = []
  for (let i = 0; i < server.keyspace.databases.length; i++) {
    client.call('SELECT', i)
    parts.push(String(client.value('DEBUG', 'DIGEST')), String(client.value('DBSIZE')))
  }
  client.close()
  return parts
}

test('a call answers what a client is answered', () => {
  // Strings end at 1 MB, so that a bit far behind the end costs little.
  const config = { 'enable-debug-command': 'yes', 'proto-max-bulk-len': '1mb' }
  const [one, other] = [testServer({ config }), testServer({ config })]
  const calls = new Calls(one, new Session(one, 0, new NoTransport()))
  const client = new InProcessClient(other)
  client.call('HELLO', 3)
  const commands = new RandomCommands({ seed: SEED, version: '9.9.9', excluded: EXCLUDED })
  for (let i = 0; i < COMMANDS; i++) {
    const command = commands.next()
    if (isBoundless(command)) continue
    const theirs = sent(client, command)
    const ours = called(calls, command)
    if (isDeepStrictEqual(ours, theirs)) continue
    const shown = command.args.map((arg) => arg.toString('latin1').slice(0, 100)).join(' ')
    expect(ours, `${i}: ${shown}, seed ${SEED}`).toEqual(theirs)
  }
  expect(content(one)).toEqual(content(other))
  client.close()
  checkServer(one)
  checkServer(other)
})
