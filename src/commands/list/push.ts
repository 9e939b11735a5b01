/** LPUSH, RPUSH, LPUSHX and RPUSHX. */
import type { Args } from '../../resp/args.ts'
import type { ListValue } from '../../types/list.ts'
import { packedRoom } from '../../types/packed-room.ts'
import { type CommandSpec, command, key, string } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_MEMORY } from '../errors.ts'
import { listCursor, openList, storeList } from './list-cursors.ts'

const FIRST_ELEMENT = 2

/** Adds the elements of the request, all or none. @returns false if there is no memory */
function pushAll(list: ListValue, args: Args, atHead: boolean): boolean {
  const { count, starts, ends } = args
  const wasPacked = list.isPacked
  let bytes = 0
  for (let i = FIRST_ELEMENT; i < count; i++) bytes += ends[i]! - starts[i]!
  if (!list.prepare(bytes, count - FIRST_ELEMENT)) return false
  for (let i = FIRST_ELEMENT; i < count; i++) {
    const start = starts[i]!
    if (!list.push(atHead, args.bytes, args.view, start, ends[i]! - start)) {
      list.unpush(atHead, i - FIRST_ELEMENT, wasPacked)
      return false
    }
  }
  return true
}

function push(context: Context, atHead: boolean, onlyExisting: boolean): void {
  const { args, reply, server } = context
  const list = listCursor(context)
  const exists = openList(context, 1, list)
  if (!exists) {
    if (onlyExisting) return reply.integer(0)
    const { count, ends, starts } = args
    if (!list.create(packedRoom(starts, ends, FIRST_ELEMENT, count, 1))) throw OUT_OF_MEMORY
  }
  if (!pushAll(list, args, atHead)) {
    // Its blocks may have moved all the same.
    if (exists) storeList(context, 1, list)
    else list.free()
    throw OUT_OF_MEMORY
  }
  storeList(context, 1, list)
  context.touched(1, atHead ? 'lpush' : 'rpush')
  // Redis counts every element as a change.
  server.dirty += args.count - FIRST_ELEMENT - 1
  reply.integer(list.length)
}

function pushCommand(
  name: string,
  atHead: boolean,
  onlyExisting: boolean,
  since: string,
  summary: string,
  severalSince: string,
): CommandSpec {
  return command({
    name,
    group: 'list',
    since,
    complexity:
      'O(1) for each element added, so O(N) to add N elements when the command is called with ' +
      'multiple arguments.',
    summary,
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    categories: ['list'],
    keys: [{ begin: 1, access: 'RW', intent: 'insert' }],
    args: [key('key'), string('element', { multiple: true })],
    history: [[severalSince, 'Takes several elements.']],
    run: (context) => push(context, atHead, onlyExisting),
  })
}

const IN_FRONT = 'Adds elements in front of a list'
const AT_END = 'Adds elements at the end of a list'

export const lpush = pushCommand('LPUSH', true, false, '1.0.0', `${IN_FRONT}.`, '2.4.0')
export const rpush = pushCommand('RPUSH', false, false, '1.0.0', `${AT_END}.`, '2.4.0')
export const lpushx = pushCommand(
  'LPUSHX',
  true,
  true,
  '2.2.0',
  `${IN_FRONT} that exists.`,
  '4.0.0',
)
export const rpushx = pushCommand('RPUSHX', false, true, '2.2.0', `${AT_END} that exists.`, '4.0.0')
