/**
 * What is done when the process ends by itself, for all stores that are open then. They share one
 * listener: Node takes more than ten for a leak.
 */
const ends = new Set<() => void>()

function endAll(): void {
  for (const end of ends) end()
}

/** Has `end` called when the process ends. @returns what calls that off */
export function atExit(end: () => void): () => void {
  if (ends.size === 0) process.on('exit', endAll)
  ends.add(end)
  return () => {
    if (ends.delete(end) && ends.size === 0) process.off('exit', endAll)
  }
}
