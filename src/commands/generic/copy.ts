/** COPY. */

import { NULL } from '../../arena/arena.ts'
import { equalBytes } from '../../arena/bytes.ts'
import { copyEntry } from '../../keyspace/transfer.ts'
import type { Args } from '../../resp/args.ts'
import { command, integer, key, token } from '../command.ts'
import { OUT_OF_MEMORY, SYNTAX_ERROR } from '../errors.ts'
import { SAME_OBJECT, targetDatabase, touchedIn } from './target-database.ts'

export const copy = command({
  name: 'COPY',
  group: 'generic',
  since: '6.2.0',
  complexity: 'O(N) in the size of the value.',
  summary: 'Copies a key with its value and expiry time.',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['keyspace'],
  keys: [
    { begin: 1, access: 'RO', intent: 'access' },
    { begin: 2, access: 'OW', intent: 'update' },
  ],
  args: [
    key('source'),
    key('destination', { keySpec: 1 }),
    integer('destination-db', { token: 'DB', optional: true }),
    token('REPLACE', { optional: true }),
  ],
  run(context) {
    const { db, args, reply } = context
    let target = db
    let replace = false
    for (let i = 3; i < args.count; i++) {
      if (args.is(i, 'replace')) {
        replace = true
      } else if (args.is(i, 'db') && i + 1 < args.count) {
        i++
        target = targetDatabase(context, i)
      } else {
        throw SYNTAX_ERROR
      }
    }
    if (target === db && areEqual(args, 1, 2)) throw SAME_OBJECT

    const source = db.findForRead(args, 1)
    if (source === NULL) return reply.integer(0)
    if (target.findForWrite(args, 2) !== NULL && !replace) return reply.integer(0)
    const isReplaced = target.found !== NULL
    if (!copyEntry(db, source, args, target, 2)) throw OUT_OF_MEMORY
    touchedIn(target, context, 2, 'copy_to', isReplaced)
    reply.integer(1)
  },
})

/** Whether two arguments are the same bytes. */
function areEqual(args: Args, i: number, j: number): boolean {
  const { bytes, view, starts } = args
  const length = args.length(i)
  if (args.length(j) !== length) return false
  return equalBytes(bytes, view, starts[i]!, bytes, view, starts[j]!, length)
}
