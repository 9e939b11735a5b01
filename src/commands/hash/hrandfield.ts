/**
 * HRANDFIELD: fields chosen at random.
 *
 * With a negative count each field is chosen anew; with a positive one no field comes twice. Of a
 * large hash few are found by trying until enough different ones are there; where they are a third
 * of the hash or more, it is quicker to choose from the list of all.
 */
import { NULL } from '../../arena/arena.ts'
import { ReplyTooLong } from '../../resp/resp-reply.ts'
import type { HashValue } from '../../types/hash.ts'
import { integer64 } from '../arguments.ts'
import { block, command, integer, key, token } from '../command.ts'
import type { Context } from '../context.ts'
import { OUT_OF_RANGE, outOfRange, SYNTAX_ERROR } from '../errors.ts'
import { readHash } from './hash-key.ts'
import { replyField, replyValue } from './hgetall.ts'

const LONG_MAX = 2n ** 63n - 1n
const NOT_IN_RANGE = outOfRange(`value must between -${LONG_MAX} and ${LONG_MAX}`)

/** Beyond so many elements, of at least six bytes each, no reply can be made. */
const MAX_ELEMENTS = 2 ** 31 / 6
/** A large hash at least so many times the count is tried at random. */
const TRIED_FROM_TIMES = 3
/** From this count on, the places of a small hash are looked up in a list. */
const LISTED_FROM = 4

function replyPosition(
  { reply }: Context,
  hash: HashValue,
  position: number,
  withValues: boolean,
): void {
  hash.read(position)
  if (withValues && reply.protocol === 3) reply.array(2)
  replyField(reply, hash.pair)
  if (withValues) replyValue(reply, hash.pair)
}

/** Writes the header of an answer with so many fields. */
function begin({ reply }: Context, count: number, withValues: boolean): void {
  if (count > MAX_ELEMENTS) throw new ReplyTooLong('a reply of more than 2 GB')
  reply.array(withValues && reply.protocol === 2 ? count * 2 : count)
}

/** The positions of all fields that have not expired, in the hash's order. */
function allPositions({ db }: Context, hash: HashValue): number[] {
  const positions: number[] = []
  hash.forEachLive(db.fields.nowMs, (position) => {
    positions.push(position)
  })
  return positions
}

/** The hash without the fields that have expired; null if none is left. */
function liveHash(context: Context): HashValue | null {
  const hash = readHash(context)
  if (hash === null) return null
  const { fields } = context.db
  if (hash.mayHaveExpired(fields.nowMs)) fields.expireAllOfFound(hash)
  return hash.root === NULL || hash.liveLength(fields.nowMs) === 0 ? null : hash
}

/** Whether the hash has expired fields that have to stay for now, and are not to be chosen. */
function hasStale({ db }: Context, hash: HashValue): boolean {
  return hash.mayHaveExpired(db.fields.nowMs)
}

/** Answers `count` fields, each chosen among all. */
function replyAnew(context: Context, hash: HashValue, count: number, withValues: boolean): void {
  const { random } = context.db.keyspace
  begin(context, count, withValues)
  if ((hash.isPacked && count >= LISTED_FROM) || hasStale(context, hash)) {
    const positions = allPositions(context, hash)
    for (let i = 0; i < count; i++) {
      replyPosition(context, hash, positions[random.below(positions.length)]!, withValues)
    }
    return
  }
  for (let i = 0; i < count; i++) {
    replyPosition(context, hash, hash.randomPosition(random), withValues)
  }
}

/** `count` different positions, fewer than the hash has. */
function differentPositions(context: Context, hash: HashValue, count: number): Iterable<number> {
  const { random } = context.db.keyspace
  const isTried = !hash.isPacked && count * TRIED_FROM_TIMES <= hash.length
  if (isTried && !hasStale(context, hash)) {
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(hash.randomPosition(random))
    return chosen
  }
  const positions = allPositions(context, hash)
  // The first steps of a shuffle (Fisher and Yates, 1938; Durstenfeld, 1964).
  for (let i = 0; i < count; i++) {
    const j = i + random.below(positions.length - i)
    const position = positions[j]!
    positions[j] = positions[i]!
    positions[i] = position
  }
  positions.length = count
  return positions
}

/** Answers `count` different fields, or as many as there are. */
function replyDifferent(
  context: Context,
  hash: HashValue,
  count: number,
  withValues: boolean,
): void {
  const length = hash.liveLength(context.db.fields.nowMs)
  begin(context, Math.min(count, length), withValues)
  const positions =
    count >= length ? allPositions(context, hash) : differentPositions(context, hash, count)
  for (const position of positions) replyPosition(context, hash, position, withValues)
}

export const hrandfield = command({
  name: 'HRANDFIELD',
  group: 'hash',
  since: '6.2.0',
  complexity: 'O(N) in the number of fields returned.',
  summary: 'Returns fields of a hash that are chosen at random.',
  arity: -2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: [{ begin: 1, access: 'RO', intent: 'access' }],
  args: [
    key('key'),
    block('options', [integer('count'), token('WITHVALUES', { optional: true })], {
      optional: true,
    }),
  ],
  tips: ['nondeterministic_output'],
  run(context) {
    const { args, reply, db } = context
    if (args.count === 2) {
      const hash = liveHash(context)
      if (hash === null) return reply.nil()
      const { random } = db.keyspace
      if (hasStale(context, hash)) {
        const positions = allPositions(context, hash)
        hash.read(positions[random.below(positions.length)]!)
      } else {
        hash.read(hash.randomPosition(random))
      }
      return replyField(reply, hash.pair)
    }
    const count = integer64(args, 2)
    if (count < -LONG_MAX) throw NOT_IN_RANGE
    if (args.count > 4 || (args.count === 4 && !args.is(3, 'withvalues'))) throw SYNTAX_ERROR
    const withValues = args.count === 4
    if (withValues && (count < -LONG_MAX / 2n || count > LONG_MAX / 2n)) throw OUT_OF_RANGE
    const hash = liveHash(context)
    if (hash === null || count === 0) return reply.array(0)
    const number = Number(count)
    if (number < 0 || number === 1) replyAnew(context, hash, Math.abs(number), withValues)
    else replyDifferent(context, hash, number, withValues)
  },
})
