/**
 * Random samples of a set without repetition. A share of the set is best taken in one walk that
 * decides at each member (selection sampling: Knuth, TAOCP volume 2, 3.4.2, algorithm S); a few of
 * many are chosen one by one, those that come up again left out.
 */
import type { Random } from '../../platform/random.ts'
import type { Reply } from '../../resp/reply.ts'
import { PACKED, type SetValue } from '../../types/set.ts'
import type { SetWalk } from '../../types/set-walk.ts'
import { replyMember } from './set-key.ts'

/** A set of more than so many times the members asked for is not walked through. */
const WALKED_PER_MEMBER = 10

/** Walks through a set and visits `count` of its members, each as likely as any other. */
function sampleByWalk(
  set: SetValue,
  walk: SetWalk,
  count: number,
  random: Random,
  visit: (walk: SetWalk) => void,
): void {
  let ahead = set.length
  let wanted = count
  walk.begin(set)
  while (wanted > 0 && walk.next()) {
    if (random.fraction() * ahead-- >= wanted) continue
    wanted--
    visit(walk)
  }
}

/** Answers `count` different members, fewer than the set has, without a header. */
export function replyDifferent(
  reply: Reply,
  set: SetValue,
  walk: SetWalk,
  count: number,
  random: Random,
): void {
  if (set.encoding === PACKED || set.length <= count * WALKED_PER_MEMBER) {
    sampleByWalk(set, walk, count, random, (at) => replyMember(reply, at))
    return
  }
  const chosen = new Set<number>()
  while (chosen.size < count) {
    set.readRandom()
    if (chosen.has(set.chosenId)) continue
    chosen.add(set.chosenId)
    replyMember(reply, set.member)
  }
}
