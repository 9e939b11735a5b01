/** PFDEBUG: looks into a HyperLogLog, and makes it dense. */

import { StringValue } from '../../keyspace/string-value.ts'
import { DENSE, formOf, HEADER_BYTES } from '../../types/hyperloglog.ts'
import { denseRegister } from '../../types/hyperloglog-dense.ts'
import { REGISTERS } from '../../types/hyperloglog-hash.ts'
import { decodeSparse } from '../../types/hyperloglog-sparse.ts'
import { cString } from '../c-string.ts'
import { command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'
import {
  CORRUPTED_HYPERLOGLOG,
  draft,
  labelRaw,
  locateHyperLogLog,
  storeDraft,
} from './hyperloglog-key.ts'

const NO_KEY = new CommandError('ERR The specified key does not exist')
const NOT_SPARSE = new CommandError('ERR HLL encoding is not sparse')

const value = new StringValue()

/** Makes what was found dense. @returns whether it was not */
function makeDense(context: Context): boolean {
  if (formOf(value.bytes, value.start) === DENSE) {
    labelRaw(context, 2, value)
    return false
  }
  const isShort = draft.load(value.bytes, value.start, value.end)
  if (!isShort || !draft.makeDense()) throw CORRUPTED_HYPERLOGLOG
  storeDraft(context, 2)
  value.locate(context.db.keyspace.arena, context.db.found)
  // Redis tells replicas and files of it, but neither watchers nor those who want notifications.
  context.server.dirty++
  return true
}

function replyRegisters(context: Context): void {
  const { reply } = context
  makeDense(context)
  reply.array(REGISTERS)
  for (let i = 0; i < REGISTERS; i++) {
    reply.integer(denseRegister(value.bytes, value.start + HEADER_BYTES, i))
  }
}

function replyOpcodes(context: Context): void {
  if (formOf(value.bytes, value.start) === DENSE) throw NOT_SPARSE
  const text = decodeSparse(value.bytes, value.start + HEADER_BYTES, value.end)
  if (text === null) throw CORRUPTED_HYPERLOGLOG
  labelRaw(context, 2, value)
  context.reply.bulkText(text)
}

export const pfdebug = command({
  name: 'PFDEBUG',
  group: 'hyperloglog',
  since: '2.8.9',
  complexity: 'N/A',
  summary: 'Looks into a HyperLogLog, for tests of the server.',
  arity: 3,
  flags: ['write', 'denyoom', 'admin'],
  categories: ['hyperloglog'],
  docFlags: ['syscmd'],
  keys: [{ begin: 2, access: 'RW', intent: 'access' }],
  args: [string('subcommand'), key('key')],
  run(context) {
    const { db, args, reply } = context
    if (!locateHyperLogLog(context, db.findForWrite(args, 2), value)) throw NO_KEY
    if (args.is(1, 'getreg')) return replyRegisters(context)
    if (args.is(1, 'decode')) return replyOpcodes(context)
    if (args.is(1, 'encoding')) {
      labelRaw(context, 2, value)
      return reply.simple(formOf(value.bytes, value.start) === DENSE ? 'dense' : 'sparse')
    }
    if (args.is(1, 'todense')) return reply.integer(makeDense(context) ? 1 : 0)
    throw new CommandError(`ERR Unknown PFDEBUG subcommand '${cString(args, 1)}'`)
  },
})
