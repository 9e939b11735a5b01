/** RENAME and RENAMENX. The value stays where it is: only the entry with the key is made anew. */

import { NULL } from '../../arena/arena.ts'
import { moveEntry } from '../../keyspace/transfer.ts'
import { command, key } from '../command.ts'
import type { Context } from '../context.ts'
import { NO_SUCH_KEY, OUT_OF_MEMORY } from '../errors.ts'

const RENAMED = 0
const SAME_KEY = 1
const TARGET_EXISTS = 2

/** Gives the key that is argument 1 the name that is argument 2. */
function renameKey(context: Context, overwrite: boolean): number {
  const { db, args, server } = context
  const source = db.findForWrite(args, 1)
  if (source === NULL) throw NO_SUCH_KEY
  const target = db.find(args, 2)
  if (target === source) return SAME_KEY
  if (target !== NULL && !overwrite) {
    db.keyspace.touch(target)
    return TARGET_EXISTS
  }
  if (!moveEntry(db, source, args, 1, db, 2)) throw OUT_OF_MEMORY
  // What is replaced counts as removed first.
  if (target !== NULL) context.notify(2, 'new')
  context.changed(1)
  context.changed(2)
  context.notify(1, 'rename_from')
  context.notify(2, 'rename_to')
  // Two keys are touched, but Redis counts one change.
  server.dirty--
  return RENAMED
}

export const rename = command({
  name: 'RENAME',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Gives a key another name, in place of a key that has it.',
  arity: 3,
  flags: ['write'],
  categories: ['keyspace'],
  keys: [
    { begin: 1, access: 'RW', intent: ['access', 'delete'] },
    { begin: 2, access: 'OW', intent: 'update' },
  ],
  args: [key('key'), key('newkey', { keySpec: 1 })],
  run(context) {
    renameKey(context, true)
    context.reply.ok()
  },
})

export const renamenx = command({
  name: 'RENAMENX',
  group: 'generic',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Gives a key another name, unless there is a key that has it.',
  arity: 3,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: [
    { begin: 1, access: 'RW', intent: ['access', 'delete'] },
    { begin: 2, access: 'OW', intent: 'insert' },
  ],
  args: [key('key'), key('newkey', { keySpec: 1 })],
  history: [['3.2.0', 'The same name twice is no error any more.']],
  run(context) {
    context.reply.integer(renameKey(context, false) === RENAMED ? 1 : 0)
  },
})
