/** SADD. */
import { ADDED, NO_MEMORY, type SetValue } from '../../types/set.ts'
import { command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import {
  addArgument,
  createForArguments,
  cursorsOf,
  openSet,
  removeArgument,
  storeSet,
} from './set-key.ts'

/** The arguments that the command at hand has added, for it may have to undo that. */
const added: number[] = []

export const sadd = command({
  name: 'SADD',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(N) where N is the number of members given.',
  summary: 'Adds one or more members to a set; makes the set if there is none.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RW', intent: 'insert' }],
  args: [key('key'), string('member', { multiple: true })],
  history: [['2.4.0', 'Takes more than one `member`.']],
  run(context) {
    const { args, reply } = context
    const { set } = cursorsOf(context)
    const isThere = openSet(context, 1, set)
    if (!isThere) createForArguments(set, args, 2, args.count - 2)
    else if (!set.expect(args.count - 2)) throw OUT_OF_MEMORY

    added.length = 0
    for (let i = 2; i < args.count; i++) {
      const outcome = addArgument(set, args, i)
      if (outcome === ADDED) added.push(i)
      else if (outcome === NO_MEMORY) undo(context, set, isThere)
    }
    // Of members given twice there is room left.
    if (!isThere && added.length < args.count - 2) set.trim()
    storeSet(context, 1, set)
    if (added.length > 0) context.touched(1, 'sadd')
    reply.integer(added.length)
  },
})

/** Takes out again what was added, and throws OUT_OF_MEMORY. */
function undo(context: Context, set: SetValue, isThere: boolean): never {
  if (isThere) {
    for (const index of added) removeArgument(set, context.args, index)
    storeSet(context, 1, set)
  } else {
    set.free()
  }
  throw OUT_OF_MEMORY
}
