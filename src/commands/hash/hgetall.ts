/** HGETALL, HKEYS and HVALS. */
import type { Reply } from '../../resp/reply.ts'
import type { HashPair } from '../../types/hash-entry.ts'
import { command, key } from '../command.ts'
import { readHash } from './hash-key.ts'

/** Answers the field that a pair points at. */
export function replyField(reply: Reply, { bytes, view, fieldStart, fieldEnd }: HashPair): void {
  reply.bulk(bytes, view, fieldStart, fieldEnd)
}

/** Answers the value that a pair points at. */
export function replyValue(reply: Reply, { bytes, view, valueStart, valueEnd }: HashPair): void {
  reply.bulk(bytes, view, valueStart, valueEnd)
}

export const hgetall = command({
  name: 'HGETALL',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(N) in the number of fields.',
  summary: 'Returns all fields of a hash with their values.',
  arity: 2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key')],
  tips: ['nondeterministic_output_order'],
  run(context) {
    const { db, reply } = context
    const hash = readHash(context)
    if (hash === null) return reply.map(0)
    const { pair } = hash
    const { nowMs } = db.fields
    reply.map(hash.liveLength(nowMs))
    hash.forEachLive(nowMs, (position) => {
      hash.read(position)
      replyField(reply, pair)
      replyValue(reply, pair)
    })
  },
})

export const hkeys = command({
  name: 'HKEYS',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(N) in the number of fields.',
  summary: 'Lists the fields of a hash.',
  arity: 2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key')],
  tips: ['nondeterministic_output_order'],
  run(context) {
    const { db, reply } = context
    const hash = readHash(context)
    if (hash === null) return reply.array(0)
    const { nowMs } = db.fields
    reply.array(hash.liveLength(nowMs))
    hash.forEachLive(nowMs, (position) => {
      hash.read(position)
      replyField(reply, hash.pair)
    })
  },
})

export const hvals = command({
  name: 'HVALS',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(N) in the number of fields.',
  summary: 'Lists the values of a hash.',
  arity: 2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key')],
  tips: ['nondeterministic_output_order'],
  run(context) {
    const { db, reply } = context
    const hash = readHash(context)
    if (hash === null) return reply.array(0)
    const { nowMs } = db.fields
    reply.array(hash.liveLength(nowMs))
    hash.forEachLive(nowMs, (position) => {
      hash.read(position)
      replyValue(reply, hash.pair)
    })
  },
})
