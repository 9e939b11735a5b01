/** Answering members, with or without their scores. */
import type { Reply } from '../../resp/reply.ts'
import type { SortedSet } from '../../types/sorted-set.ts'

/** Begins an array of members: with scores one of pairs in RESP3, in RESP2 twice as long. */
export function replyMembersHeader(reply: Reply, count: number, withScores: boolean): void {
  reply.array(withScores && reply.protocol === 2 ? count * 2 : count)
}

/** Answers the member that was read last. */
export function replyMember(reply: Reply, set: SortedSet, withScores: boolean): void {
  if (withScores && reply.protocol === 3) reply.array(2)
  reply.bulk(set.bytes, set.view, set.start, set.end)
  if (withScores) reply.double(set.score)
}

/** Answers `count` members from a position on, forwards or backwards. */
export function replyMembers(
  reply: Reply,
  set: SortedSet,
  position: number,
  count: number,
  reverse: boolean,
  withScores: boolean,
): void {
  replyMembersHeader(reply, count, withScores)
  let at = position
  if (!withScores) {
    for (let left = count; left > 0; left--) {
      at = set.readAndStep(at, reverse)
      reply.bulk(set.bytes, set.view, set.start, set.end)
    }
    return
  }
  for (let left = count; left > 0; left--) {
    set.read(at)
    replyMember(reply, set, withScores)
    if (left > 1) at = reverse ? set.previous(at) : set.next(at)
  }
}
