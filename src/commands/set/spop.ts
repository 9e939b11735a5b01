/**
 * SPOP. With a count there are three cases, as in Redis: all members; some, which are taken out one
 * by one; almost all, where those that stay are chosen instead and put into a new set, and the old
 * one is answered and set aside, to be freed piece by piece.
 */
import { DICT, PACKED, type SetValue } from '../../types/set.ts'
import type { SetWalk } from '../../types/set-walk.ts'
import { command, integer, key } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY, outOfRange, SYNTAX_ERROR } from '../errors.ts'
import {
  addToResult,
  cursorsOf,
  isShared,
  openSet,
  replyMember,
  replyMembers,
  storeSet,
} from './set-key.ts'

const NEGATIVE_COUNT = outOfRange('must be positive')

/** Those that stay are chosen if they are less than the others by this factor. */
const KEPT_FACTOR = 5

/** So many members are passed on as removed by one command, as in Redis. */
const MEMBERS_PER_REMOVAL = 1024

export const spop = command({
  name: 'SPOP',
  group: 'set',
  since: '1.0.0',
  complexity: 'O(1), with a count O(N) where N is the count.',
  summary: 'Removes one or more members that are chosen at random, and returns them.',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['set'],
  keys: [{ begin: 1, access: 'RW', intent: ['access', 'delete'] }],
  args: [key('key'), integer('count', { optional: true, since: '3.2.0' })],
  tips: ['nondeterministic_output'],
  history: [['3.2.0', 'Takes `count`.']],
  run(context) {
    const { args, reply } = context
    if (args.count > 3) throw SYNTAX_ERROR
    if (args.count === 3) return popSeveral(context)
    const { set } = cursorsOf(context)
    if (!openSet(context, 1, set)) return reply.nil()
    set.readRandom()
    replyMember(reply, set.member)
    if (context.propagates) context.propagate('SREM', args.slice(1), bytesOf(set.member))
    set.removeChosen()
    const isGone = storeSet(context, 1, set)
    context.touched(1, 'spop')
    if (isGone) context.touched(1, 'del')
  },
})

function popSeveral(context: Context): void {
  const { args, db, reply } = context
  const value = args.integer(2)
  if (value === null || value < 0) throw NEGATIVE_COUNT
  const count = Number(value)
  const { set, walk } = cursorsOf(context)
  if (!openSet(context, 1, set) || count === 0) return reply.set(0)
  const kept = set.length - count
  if (kept <= 0) {
    reply.set(set.length)
    replyMembers(reply, set, walk)
    db.removeFound()
    context.touched(1, 'spop')
    context.touched(1, 'del')
    const byUnlink = context.server.config.get('lazyfree-lazy-server-del')
    context.propagate(byUnlink ? 'UNLINK' : 'DEL', args.slice(1))
    return
  }
  if (kept * KEPT_FACTOR > count) popOneByOne(context, count)
  else popAllBut(context, kept)
  context.touched(1, 'spop')
}

function popOneByOne(context: Context, count: number): void {
  const { reply } = context
  const { set } = cursorsOf(context)
  const removal = new Removal(context)
  reply.set(count)
  for (let i = 0; i < count; i++) {
    set.readRandom()
    replyMember(reply, set.member)
    removal.add(set.member)
    set.removeChosen()
  }
  removal.end()
  storeSet(context, 1, set)
}

/** The member in memory of its own. */
function bytesOf({ bytes, start, end }: SetWalk): Uint8Array {
  return bytes.slice(start, end)
}

/** What is passed on of an SPOP: the members that it happened to take, so many to an SREM. */
class Removal {
  private readonly context: Context
  private members: Uint8Array[] = []

  constructor(context: Context) {
    this.context = context
  }

  add(member: SetWalk): void {
    if (!this.context.propagates) return
    this.members.push(bytesOf(member))
    if (this.members.length === MEMBERS_PER_REMOVAL) this.end()
  }

  end(): void {
    const { context, members } = this
    if (members.length === 0) return
    context.propagate('SREM', context.args.slice(1), ...members)
    this.members = []
  }
}

function popAllBut(context: Context, keptCount: number): void {
  const { db, reply } = context
  const { other: kept, set, walk } = cursorsOf(context)
  chooseKept(set, kept, keptCount)
  reply.set(set.length - keptCount)
  walk.begin(set)
  const removal = new Removal(context)
  while (walk.next()) {
    if (isShared(kept, walk)) continue
    replyMember(reply, walk)
    removal.add(walk)
  }
  removal.end()
  db.keyspace.collections.discard(db.found)
  storeSet(context, 1, kept)
}

/** Makes a set of `count` members of another, which is much larger. @throws OUT_OF_MEMORY */
function chooseKept(set: SetValue, kept: SetValue, count: number): void {
  if (!kept.createAs(set.encoding === DICT ? PACKED : set.encoding)) throw OUT_OF_MEMORY
  let added = 0
  while (added < count) {
    set.readRandom()
    if (addToResult(kept, set.member)) added++
  }
}
