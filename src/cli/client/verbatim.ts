/**
 * Commands whose replies are texts for people: they are shown as they are in every format. The
 * list is redis-cli's of 7.2.
 */

const WORDS = new Set(['info', 'lolwut'])
/** Subcommands, and the number of words that the command must have, 0 for any. */
const SUBCOMMANDS = new Map<string, number>([
  ['debug htstats', 0],
  ['debug htstats-key', 0],
  ['debug client-eviction', 0],
  ['memory malloc-stats', 0],
  ['memory doctor', 0],
  ['cluster nodes', 2],
  ['cluster info', 2],
  ['client list', 0],
  ['client info', 0],
  ['latency graph', 3],
  ['latency doctor', 2],
  ['proxy info', 0],
])

/** Whether the reply to a command is shown as it is. */
export function isVerbatim(words: readonly string[]): boolean {
  const command = words[0].toLowerCase()
  if (WORDS.has(command)) return true
  if (words.length < 2) return false
  const count = SUBCOMMANDS.get(`${command} ${words[1].toLowerCase()}`)
  return count === 0 || count === words.length
}
