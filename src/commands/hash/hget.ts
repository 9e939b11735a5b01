/** HGET, HMGET, HEXISTS, HSTRLEN and HLEN. */
import { command, key, string } from '../command.ts'
import { findField, readHash } from './hash-key.ts'

export const hget = command({
  name: 'HGET',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(1)',
  summary: 'Returns the value of a field of a hash.',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), string('field')],
  run(context) {
    const { reply } = context
    const hash = readHash(context)
    if (hash === null || !findField(context, hash, 2)) return reply.nil()
    const { pair } = hash
    reply.bulk(pair.bytes, pair.view, pair.valueStart, pair.valueEnd)
  },
})

export const hmget = command({
  name: 'HMGET',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(N) in the number of fields asked for.',
  summary: 'Returns the values of several fields of a hash.',
  arity: -3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), string('field', { multiple: true })],
  run(context) {
    const { args, reply } = context
    const hash = readHash(context)
    reply.array(args.count - 2)
    for (let i = 2; i < args.count; i++) {
      if (hash === null || !findField(context, hash, i)) {
        reply.nil()
        continue
      }
      const { pair } = hash
      reply.bulk(pair.bytes, pair.view, pair.valueStart, pair.valueEnd)
    }
  },
})

export const hexists = command({
  name: 'HEXISTS',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(1)',
  summary: 'Tells whether a hash has a field.',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key'), string('field')],
  run(context) {
    const hash = readHash(context)
    context.reply.integer(hash !== null && findField(context, hash, 2) ? 1 : 0)
  },
})

export const hstrlen = command({
  name: 'HSTRLEN',
  group: 'hash',
  since: '3.2.0',
  complexity: 'O(1)',
  summary: 'Returns the length of the value of a field in bytes.',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key'), string('field')],
  run(context) {
    const { reply } = context
    const hash = readHash(context)
    if (hash === null || !findField(context, hash, 2)) return reply.integer(0)
    reply.integer(hash.pair.valueEnd - hash.pair.valueStart)
  },
})

export const hlen = command({
  name: 'HLEN',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(1)',
  summary: 'Returns the number of fields of a hash.',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key')],
  run(context) {
    const hash = readHash(context)
    context.reply.integer(hash === null ? 0 : hash.length)
  },
})
