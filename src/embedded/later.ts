/**
 * What is done later, by Node's own functions: tests that fake them hold the time, not what is on
 * its way within the process.
 */

/** After what runs now, before anything else of the event loop. */
export const soon: (work: () => void) => void = queueMicrotask

/** After all that is to be done soon. */
export const { nextTick } = process

/** After what the round of the event loop has brought, its replies sent among it. */
export const afterRound: (work: () => void) => void = setImmediate
