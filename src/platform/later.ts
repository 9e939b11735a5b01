/**
 * What is done later, by Node's own functions. Tests that fake timers replace them after this has
 * been loaded: so they hold the time, but not what is on its way within the process.
 */

/** After what runs now, before anything else of the event loop. */
export const soon = queueMicrotask

/** After all that is to be done soon. */
export const { nextTick } = process

/** After what the round of the event loop has brought. */
export const afterRound = setImmediate

/** Calls off what was to be done after the round. */
export const callOff = clearImmediate
