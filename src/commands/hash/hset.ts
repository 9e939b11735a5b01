/** HSET, HMSET and HSETNX. */
import { NULL } from '../../arena/arena.ts'
import { block, command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { wrongNumberOfArguments } from '../errors.ts'
import { createHash, findField, openHash, roomForPairs, setField, storeHash } from './hash-key.ts'

const HSET_ARITY = wrongNumberOfArguments('hset')
const HMSET_ARITY = wrongNumberOfArguments('hmset')

/** Sets all pairs, from argument 2 on. @returns the number of fields added */
function setPairs(context: Context): number {
  const { args, server } = context
  const { count } = args
  const existing = openHash(context)
  let added: number
  if (count === 4) {
    const start = args.starts[3]!
    added = setField(context, existing, args.bytes, args.view, start, args.ends[3]! - start)
  } else {
    const hash = existing ?? createHash(context, roomForPairs(context, 2, count))
    const oldRoot = existing === null ? NULL : hash.root
    added = hash.setPairs(args.bytes, args.view, args.starts, args.ends, 2, count)
    // Of fields given twice there is room left.
    if (existing === null && added < (count - 2) / 2) hash.trim()
    storeHash(context, hash, oldRoot, added)
  }
  context.touched(1, 'hset')
  server.dirty += (count - 4) / 2
  return added
}

export const hset = command({
  name: 'HSET',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(1) for each field.',
  summary: 'Sets fields of a hash, which is made if it is missing.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  args: [key('key'), block('data', [string('field'), string('value')], { multiple: true })],
  history: [['4.0.0', 'Takes several fields.']],
  run(context) {
    if (context.args.count % 2 !== 0) throw HSET_ARITY
    context.reply.integer(setPairs(context))
  },
})

export const hmset = command({
  name: 'HMSET',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(N) in the number of fields.',
  summary: 'Sets several fields of a hash.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: 'update' }],
  args: [key('key'), block('data', [string('field'), string('value')], { multiple: true })],
  deprecatedSince: '4.0.0',
  replacedBy: '`HSET` with multiple field-value pairs',
  docFlags: ['deprecated'],
  run(context) {
    if (context.args.count % 2 !== 0) throw HMSET_ARITY
    setPairs(context)
    context.reply.ok()
  },
})

export const hsetnx = command({
  name: 'HSETNX',
  group: 'hash',
  since: '2.0.0',
  complexity: 'O(1)',
  summary: 'Sets a field of a hash only if it is missing.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: 'insert' }],
  args: [key('key'), string('field'), string('value')],
  run(context) {
    const { args, reply } = context
    const hash = openHash(context)
    if (hash !== null && findField(context, hash, 2)) return reply.integer(0)
    const start = args.starts[3]!
    setField(context, hash, args.bytes, args.view, start, args.ends[3]! - start)
    context.touched(1, 'hset')
    reply.integer(1)
  },
})
