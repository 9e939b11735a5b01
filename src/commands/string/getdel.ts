/** GETDEL and DELIFEQ: commands that remove a string. */
import { StringValue } from '../../keyspace/string-value.ts'
import { command, key, string } from '../command.ts'
import { equalsArgument, findString, replyString } from './string-key.ts'

const value = new StringValue()

export const getdel = command({
  name: 'GETDEL',
  group: 'string',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Returns the string value of a key and removes the key.',
  arity: 2,
  flags: ['write', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'delete'] }],
  args: [key('key')],
  run(context) {
    if (!replyString(context, 1, value)) return
    context.db.removeFound()
    context.touched(1, 'del')
    context.propagate('DEL', context.args.slice(1))
  },
})

export const delifeq = command({
  name: 'DELIFEQ',
  group: 'string',
  since: '9.0.0',
  complexity: 'O(1)',
  summary: 'Removes a key only when its string value is the one given.',
  arity: 3,
  flags: ['write', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RM', intent: ['access', 'delete'] }],
  args: [key('key'), string('value')],
  run(context) {
    const { db, args, reply } = context
    if (!findString(context, 1, value) || !equalsArgument(value, args, 2)) return reply.integer(0)
    db.removeFound()
    context.touched(1, 'del')
    context.propagate('DEL', args.slice(1))
    reply.integer(1)
  },
})
