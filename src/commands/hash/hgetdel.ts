/** HGETDEL. */
import { command, key } from '../command.ts'
import {
  COUNT_NOT_POSITIVE,
  fieldsArgument,
  parseFields,
  propagateFields,
  removeField,
  storeRemoval,
} from './field-arguments.ts'
import { findField, openHash } from './hash-key.ts'
import { replyValue } from './hgetall.ts'

export const hgetdel = command({
  name: 'HGETDEL',
  group: 'hash',
  since: '8.0.0',
  complexity: 'O(N) in the number of fields given.',
  summary: 'Returns the values of fields of a hash and removes the fields.',
  arity: -5,
  flags: ['write', 'fast'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'delete'] }],
  args: [key('key'), fieldsArgument],
  run(context) {
    const { args, reply } = context
    const hash = openHash(context)
    const first = parseFields(args, 2, COUNT_NOT_POSITIVE)
    reply.array(args.count - first)
    const removed: number[] = []
    for (let i = first; i < args.count; i++) {
      if (hash === null || !findField(context, hash, i)) {
        reply.nil()
        continue
      }
      replyValue(reply, hash.pair)
      removeField(context, hash, i)
      removed.push(i)
    }
    if (hash === null || removed.length === 0) return
    storeRemoval(context, hash, removed.length)
    propagateFields(context, ['HDEL'], removed)
  },
})
