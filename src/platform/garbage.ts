/**
 * The collection of garbage at a moment of our own choosing, for when somebody asks for memory to
 * be given back. It takes some milliseconds, however much data there is: they do not lie where it
 * looks.
 *
 * Node hides V8's function for it behind a flag, which may be set while the process runs; a new
 * context then has the function. Where that is not so (another runtime), nothing happens.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | null = null

function findCollect(): () => void {
  try {
    setFlagsFromString('--expose-gc')
    const found: unknown = runInNewContext('typeof gc === "function" ? gc : null')
    setFlagsFromString('--no-expose-gc')
    if (typeof found === 'function') return found as () => void
  } catch {
    // A runtime without such flags.
  }
  return () => {}
}

/** Collects the garbage now: buffers that nobody uses go back to the system. */
export function collectGarbage(): void {
  collect ??= findCollect()
  collect()
}
