/** MGET, MSET and MSETNX. */
import { NULL } from '../../arena/arena.ts'
import { TYPE_STRING, typeOf } from '../../keyspace/entry.ts'
import { setStrings } from '../../keyspace/string-batch.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { block, command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY, wrongNumberOfArguments } from '../errors.ts'

const MSET_ARITY = wrongNumberOfArguments('mset')
const MSETNX_ARITY = wrongNumberOfArguments('msetnx')
const value = new StringValue()

export const mget = command({
  name: 'MGET',
  group: 'string',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of keys.',
  summary: 'Returns the string values of one or more keys.',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['string'],
  keys: [{ begin: 1, last: -1, access: 'RO', intent: 'access' }],
  args: [key('key', { multiple: true })],
  tips: ['request_policy:multi_shard'],
  run({ db, args, reply }) {
    const { arena } = db.keyspace
    reply.array(args.count - 1)
    for (let i = 1; i < args.count; i++) {
      const entry = db.findForRead(args, i)
      if (entry === NULL || typeOf(arena, entry) !== TYPE_STRING) {
        reply.nil()
      } else {
        value.locate(arena, entry)
        reply.bulk(value.bytes, value.view, value.start, value.end)
      }
    }
  },
})

export const mset = command({
  name: 'MSET',
  group: 'string',
  since: '1.0.1',
  complexity: 'O(N) where N is the number of keys.',
  summary: 'Sets one or more keys to strings, all at once.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [{ begin: 1, last: -1, step: 2, access: 'OW', intent: 'update' }],
  args: [block('data', [key('key'), string('value')], { multiple: true })],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  run(context) {
    if (context.args.count % 2 === 0) throw MSET_ARITY
    setAll(context)
    context.reply.ok()
  },
})

export const msetnx = command({
  name: 'MSETNX',
  group: 'string',
  since: '1.0.1',
  complexity: 'O(N) where N is the number of keys.',
  summary: 'Sets one or more keys to strings, all at once, only when none of them exists.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: [{ begin: 1, last: -1, step: 2, access: 'OW', intent: 'insert' }],
  args: [block('data', [key('key'), string('value')], { multiple: true })],
  run(context) {
    const { db, args, reply } = context
    if (args.count % 2 === 0) throw MSETNX_ARITY
    for (let i = 1; i < args.count; i += 2) {
      if (db.findForWrite(args, i) !== NULL) return reply.integer(0)
    }
    setAll(context)
    reply.integer(1)
  },
})

function setAll(context: Context): void {
  const { db, args } = context
  if (db.keyspace.keyEvents !== null) return setAllNoticed(context)
  if (!setStrings(db, args)) throw OUT_OF_MEMORY
  for (let i = 1; i < args.count; i += 2) context.touched(i, 'set')
}

/** The same where it is told which keys are new: each before what else is told of it. */
function setAllNoticed(context: Context): void {
  const { db, args } = context
  const absent = new Set<string>()
  for (let i = 1; i < args.count; i += 2) if (db.find(args, i) === NULL) absent.add(args.text(i))
  if (!context.unnoticed(() => setStrings(db, args))) throw OUT_OF_MEMORY
  for (let i = 1; i < args.count; i += 2) {
    if (absent.delete(args.text(i))) context.notify(i, 'new')
    context.touched(i, 'set')
  }
}
