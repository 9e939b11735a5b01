/** CLIENT REPLY: whether a client is answered. */

export const REPLY_ON = 0
export const REPLY_OFF = 1
/** The command under way asked for it: it gets no answer itself, nor does the one after it. */
export const REPLY_SKIP_NEXT = 2
/** The next command gets no answer. */
export const REPLY_SKIP = 3
export type ReplyMode = 0 | 1 | 2 | 3
