/** LMOVE, RPOPLPUSH, BLMOVE and BRPOPLPUSH: an element goes from one end of a list to another. */
import { equalBytes } from '../../arena/bytes.ts'
import { TYPE_LIST } from '../../keyspace/entry.ts'
import type { Args } from '../../resp/args.ts'
import type { Reply } from '../../resp/reply.ts'
import type { ListValue } from '../../types/list.ts'
import { timeoutMs } from '../block-timeout.ts'
import { command, double, type KeySpec, key } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import { endArgument, isLeft, storeShrunk } from './elements.ts'
import { listCursor, openList, reopenList, storeList, targetCursor } from './list-cursors.ts'

const KEYS: readonly KeySpec[] = [
  { begin: 1, access: 'RW', intent: ['access', 'delete'] },
  { begin: 2, access: 'RW', intent: 'insert' },
]
const SOURCE = key('source')
const DESTINATION = key('destination', { keySpec: 1 })
const TIMEOUT = double('timeout')
const TIMEOUT_IS_DOUBLE = ['6.0.0', '`timeout` may have a fraction.'] as const

/** Longer elements are held in memory of their own while they move. */
const SCRATCH_BYTES = 16 * 1024

/** The element that is on its way. */
class Moving {
  private readonly scratch = new Uint8Array(SCRATCH_BYTES)
  private readonly scratchView = new DataView(this.scratch.buffer)
  bytes = this.scratch
  view = this.scratchView
  length = 0

  /** Takes a copy of the element that was read last. */
  take({ elements }: ListValue): void {
    const { start, end } = elements
    this.length = end - start
    if (this.length > SCRATCH_BYTES) {
      this.bytes = new Uint8Array(this.length)
      this.view = new DataView(this.bytes.buffer)
    }
    this.bytes.set(elements.bytes.subarray(start, end))
  }

  /** Forgets a long element. */
  clear(): void {
    this.bytes = this.scratch
    this.view = this.scratchView
  }
}

const moving = new Moving()

/** Adds the element; a list that cannot have it stays as it was. */
function pushMoving(list: ListValue, atHead: boolean): boolean {
  const wasPacked = list.isPacked
  if (!list.prepare(moving.length, 1)) return false
  if (list.push(atHead, moving.bytes, moving.view, 0, moving.length)) return true
  list.unpush(atHead, 0, wasPacked)
  return false
}

/**
 * Moves an element from the list that is argument 1, which `source` points at, to argument 2, and
 * answers it.
 */
function moveElement(
  context: Context,
  source: ListValue,
  fromHead: boolean,
  toHead: boolean,
): void {
  const { args, db, reply, server } = context
  const { dirty } = server
  try {
    source.readEnd(fromHead)
    moving.take(source)
    if (isSameKey(args)) {
      const pushed = pushMoving(source, toHead)
      storeList(context, 1, source)
      // It is source and destination, and counts as used for each.
      db.keyspace.touch(db.found)
      if (!pushed) throw OUT_OF_MEMORY
      context.touched(1, toHead ? 'lpush' : 'rpush')
    } else {
      pushToTarget(context, toHead)
      reopenList(context, 1, source)
    }
    source.dropEnd(fromHead)
    storeShrunk(context, 1, source, fromHead ? 'lpop' : 'rpop', 1)
    // Redis counts the one element.
    server.dirty = dirty + 1
    reply.bulk(moving.bytes, moving.view, 0, moving.length)
  } finally {
    moving.clear()
  }
}

/** Adds the element on its way to the list that is argument 2. */
function pushToTarget(context: Context, toHead: boolean): void {
  const target = targetCursor(context)
  const exists = openList(context, 2, target)
  if (!exists && !target.create()) throw OUT_OF_MEMORY
  if (!pushMoving(target, toHead)) {
    if (exists) storeList(context, 2, target)
    else target.free()
    throw OUT_OF_MEMORY
  }
  storeList(context, 2, target)
  context.touched(2, toHead ? 'lpush' : 'rpush')
}

function isSameKey(args: Args): boolean {
  const { bytes, view, starts } = args
  const length = args.length(1)
  if (args.length(2) !== length) return false
  return equalBytes(bytes, view, starts[1]!, bytes, view, starts[2]!, length)
}

function move(context: Context, fromHead: boolean, toHead: boolean): void {
  const source = listCursor(context)
  if (!openList(context, 1, source)) return context.reply.nil()
  moveElement(context, source, fromHead, toHead)
}

const SOURCE_ONLY: readonly number[] = [1]

/** What Redis answers when nothing came in time: a null array, though the command has no array. */
function replyNothing(reply: Reply): void {
  reply.nilArray()
}

function blockingMove(context: Context, fromHead: boolean, toHead: boolean, timeout: number): void {
  const source = listCursor(context)
  if (!openList(context, 1, source)) {
    // Where nobody may wait it answers as LMOVE does, and otherwise than at the end of the time.
    if (!context.session.mayBlock) return context.reply.nil()
    return context.block(SOURCE_ONLY, TYPE_LIST, timeout, replyNothing)
  }
  moveElement(context, source, fromHead, toHead)
  const { args } = context
  context.propagate('LMOVE', args.slice(1), args.slice(2), endName(fromHead), endName(toHead))
}

function endName(isHead: boolean): string {
  return isHead ? 'LEFT' : 'RIGHT'
}

export const lmove = command({
  name: 'LMOVE',
  group: 'list',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Moves an element from an end of a list to an end of another, and gets it.',
  arity: 5,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys: KEYS,
  args: [SOURCE, DESTINATION, endArgument('wherefrom'), endArgument('whereto')],
  run(context) {
    const fromHead = isLeft(context.args, 3)
    move(context, fromHead, isLeft(context.args, 4))
  },
})

export const rpoplpush = command({
  name: 'RPOPLPUSH',
  group: 'list',
  since: '1.2.0',
  complexity: 'O(1)',
  summary: 'Moves the last element of a list to the front of another, and gets it.',
  arity: 3,
  flags: ['write', 'denyoom'],
  categories: ['list'],
  keys: KEYS,
  args: [SOURCE, DESTINATION],
  deprecatedSince: '6.2.0',
  replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments',
  docFlags: ['deprecated'],
  run: (context) => move(context, false, true),
})

export const blmove = command({
  name: 'BLMOVE',
  group: 'list',
  since: '6.2.0',
  complexity: 'O(1)',
  summary: 'Moves an element from an end of a list to an end of another, and waits for it.',
  arity: 6,
  flags: ['write', 'denyoom', 'blocking'],
  categories: ['list'],
  keys: KEYS,
  args: [SOURCE, DESTINATION, endArgument('wherefrom'), endArgument('whereto'), TIMEOUT],
  run(context) {
    const { args } = context
    const fromHead = isLeft(args, 3)
    const toHead = isLeft(args, 4)
    blockingMove(context, fromHead, toHead, timeoutMs(context, 5))
  },
})

export const brpoplpush = command({
  name: 'BRPOPLPUSH',
  group: 'list',
  since: '2.2.0',
  complexity: 'O(1)',
  summary: 'Moves the last element of a list to the front of another, and waits for it.',
  arity: 4,
  flags: ['write', 'denyoom', 'blocking'],
  categories: ['list'],
  keys: KEYS,
  args: [SOURCE, DESTINATION, TIMEOUT],
  history: [TIMEOUT_IS_DOUBLE],
  deprecatedSince: '6.2.0',
  replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments',
  docFlags: ['deprecated'],
  run: (context) => blockingMove(context, false, true, timeoutMs(context, 3)),
})
