/**
 * CLIENT REPLY: whether a client is answered. The mode is a set of flags, as in Redis 7.2: within a
 * transaction, which may change them on its way, they come and go apart from each other.
 */

/** Everything is answered. */
export const REPLY_ON = 0
/** Nothing is. */
export const REPLY_OFF = 1
/** What follows the command under way, or the transaction, is not. */
export const REPLY_SKIP_NEXT = 2
/** The command under way is not. */
export const REPLY_SKIP = 4
export type ReplyMode = number

/** Whether what is answered now is not sent. */
export function isSilent(mode: ReplyMode): boolean {
  return (mode & (REPLY_OFF | REPLY_SKIP)) !== 0
}

/** The mode behind a command, or a transaction. */
export function modeBehind(mode: ReplyMode): ReplyMode {
  const isNextSkipped = (mode & REPLY_SKIP_NEXT) !== 0
  return (mode & REPLY_OFF) | (isNextSkipped ? REPLY_SKIP : 0)
}
