/** BITOP. */
import { NULL } from '../../arena/arena.ts'
import { newRawString } from '../../keyspace/string-result.ts'
import { StringValue } from '../../keyspace/string-value.ts'
import { type BitOperation, combineBits } from '../../types/bit-operation.ts'
import { command, key, oneOf, token } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, OUT_OF_MEMORY, SYNTAX_ERROR } from '../errors.ts'
import { readString } from '../string/string-key.ts'

const NOT_OF_MANY = new CommandError('ERR BITOP NOT must be called with a single source key.')
const OPERATIONS: readonly BitOperation[] = ['and', 'or', 'xor', 'not']
/** Where the first source is among the arguments. */
const FIRST_SOURCE = 3

/** One for each source, made when they are first needed. They hold no memory: see `StringValue`. */
const sources: StringValue[] = []
/** So many are kept. */
const KEPT_SOURCES = 1024
const result = new StringValue()

function operationOf({ args }: Context): BitOperation {
  const operation = OPERATIONS.find((each) => args.is(1, each))
  if (operation === undefined) throw SYNTAX_ERROR
  if (operation === 'not' && args.count !== FIRST_SOURCE + 1) throw NOT_OF_MANY
  return operation
}

/** Finds all sources; missing keys are empty strings. @returns the length of the longest */
function locateSources(context: Context): number {
  const count = context.args.count - FIRST_SOURCE
  while (sources.length < count) sources.push(new StringValue())
  let longest = 0
  for (let i = 0; i < count; i++) {
    const source = sources[i]!
    if (!readString(context, FIRST_SOURCE + i, source)) source.clear()
    longest = Math.max(longest, source.length)
  }
  return longest
}

/** Stores the result, of one byte or more, in place of what was found. */
function storeResult({ args, db }: Context, operation: BitOperation, length: number): void {
  const { keyspace } = db
  const entry = newRawString(db, args, 2, length)
  if (entry === NULL) throw OUT_OF_MEMORY
  result.locate(keyspace.arena, entry)
  combineBits(operation, result, sources, args.count - FIRST_SOURCE)
  if (db.found !== NULL) keyspace.useAgain(entry, db.found)
  if (!db.placeEntry(entry)) throw OUT_OF_MEMORY
}

export const bitop = command({
  name: 'BITOP',
  group: 'bitmap',
  since: '2.6.0',
  complexity: 'O(N) where N is the length of all strings.',
  summary: 'Combines strings bit by bit, and stores the result in a key.',
  arity: -4,
  flags: ['write', 'denyoom'],
  categories: ['bitmap'],
  keys: [
    { begin: 2, access: 'OW', intent: 'update' },
    { begin: 3, last: -1, access: 'RO', intent: 'access' },
  ],
  args: [
    oneOf('operation', [token('AND'), token('OR'), token('XOR'), token('NOT')]),
    key('destkey'),
    key('key', { keySpec: 1, multiple: true }),
  ],
  run(context) {
    const { args, db, reply } = context
    const operation = operationOf(context)
    const length = locateSources(context)
    db.find(args, 2)
    if (length > 0) {
      storeResult(context, operation, length)
      context.touched(2, 'set')
    } else if (db.found !== NULL) {
      db.removeFound()
      context.touched(2, 'del')
    }
    if (sources.length > KEPT_SOURCES) sources.length = KEPT_SOURCES
    reply.integer(length)
  },
})
