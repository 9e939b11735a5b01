/** SMOVE. */
import { NULL } from '../../arena/arena.ts'
import { ADDED, NO_MEMORY } from '../../types/set.ts'
import { command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import {
  addArgument,
  createForArguments,
  cursorsOf,
  hasArgument,
  openSet,
  removeArgument,
  storeSet,
} from './set-key.ts'

const MEMBER = 3

export const smove = command({
  name: 'SMOVE',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(1)',
  summary: 'Moves a member from one set to another.',
  arity: 4,
  flags: ['write', 'fast'],
  categories: ['set'],
  keys: [
    { begin: 1, access: 'RW', intent: ['access', 'delete'] },
    { begin: 2, access: 'RW', intent: 'insert' },
  ],
  args: [key('source'), key('destination', { keySpec: 1 }), string('member')],
  run(context) {
    const { args, db, reply } = context
    const { other: target, set: source } = cursorsOf(context)
    if (!openSet(context, 1, source)) return reply.integer(0)
    if (!openSet(context, 2, target)) target.open(NULL, 0)
    if (!hasArgument(source, args, MEMBER)) return reply.integer(0)
    if (source.root === target.root) return reply.integer(1)

    // What may fail comes first: to remove the member cannot.
    const isNew = target.root === NULL
    const isAdded = context.unnoticed(() => addToTarget(context))
    db.find(args, 1)
    removeArgument(source, args, MEMBER)
    const isGone = storeSet(context, 1, source)
    context.touched(1, 'srem')
    if (isGone) context.touched(1, 'del')
    if (isNew) context.notify(2, 'new')
    if (isAdded) context.touched(2, 'sadd')
    reply.integer(1)
  },
})

/** Adds the member to the destination, whose key was looked up last. @throws OUT_OF_MEMORY */
function addToTarget(context: Context): boolean {
  const { args } = context
  const { other: target } = cursorsOf(context)
  const isThere = target.root !== NULL
  if (!isThere) createForArguments(target, args, MEMBER, 1)
  const outcome = addArgument(target, args, MEMBER)
  if (outcome === NO_MEMORY && !isThere) target.free()
  else storeSet(context, 2, target)
  if (outcome === NO_MEMORY) throw OUT_OF_MEMORY
  return outcome === ADDED
}
