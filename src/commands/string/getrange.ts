/** GETRANGE with its old name SUBSTR, and STRLEN. */
import { StringValue } from '../../keyspace/string-value.ts'
import { integer64 } from '../arguments.ts'
import { command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { readString } from './string-key.ts'

const value = new StringValue()

export const getrange = command({
  name: 'GETRANGE',
  group: 'string',
  since: '2.4.0',
  complexity: 'O(N) where N is the length of the part returned.',
  summary: 'Returns a part of the string value of a key.',
  arity: 4,
  flags: ['readonly'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), integer('start'), integer('end')],
  run: replyRange,
})

export const substr = command({
  name: 'SUBSTR',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(N) where N is the length of the part returned.',
  summary: 'Returns a part of the string value of a key.',
  arity: 4,
  flags: ['readonly'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [key('key'), integer('start'), integer('end')],
  deprecatedSince: '2.0.0',
  replacedBy: '`GETRANGE`',
  docFlags: ['deprecated'],
  run: replyRange,
})

export const strlen = command({
  name: 'STRLEN',
  group: 'string',
  since: '2.2.0',
  complexity: 'O(1)',
  summary: 'Returns the length of the string value of a key.',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, access: 'RO' }],
  args: [key('key')],
  run(context) {
    context.reply.integer(readString(context, 1, value) ? value.length : 0)
  },
})

function replyRange(context: Context): void {
  const { args, reply } = context
  const first = integer64(args, 2)
  const last = integer64(args, 3)
  if (!readString(context, 1, value)) return reply.bulkText('')
  const { length } = value
  // Two negative indexes in the wrong order stay empty even where both lie before the start.
  const crossed = first < 0 && last < 0 && first > last
  const start = fromStart(first, length)
  const end = Math.min(fromStart(last, length), length - 1)
  if (crossed || start > end) return reply.bulkText('')
  reply.bulk(value.bytes, value.view, value.start + start, value.start + end + 1)
}

/** The index counted from the start, not below 0; negative ones count from the end. */
function fromStart(index: number | bigint, length: number): number {
  const number = Number(index)
  return number >= 0 ? number : Math.max(0, length + number)
}
