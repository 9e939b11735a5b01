/**
 * What Tab may put into a line: commands and their subcommands, topics behind `help`, options of a
 * command by its argument tree, and names of keys where a key is expected. Keys are looked for by
 * SCAN, with bounds on the requests and on the keys, so that a large database is no trouble.
 */
import { quoted, splitArguments } from '../../bytes/quote.ts'
import { fromLatin1, latin1 } from '../../bytes/text.ts'
import { type CommandDoc, findDoc } from './command-docs.ts'
import { expectsKey, nextTokens } from './hints.ts'
import type { Completion } from './line-editor.ts'

const LOCAL_COMMANDS = [
  'CLEAR',
  'CONNECT',
  'EXIT',
  'HELP',
  'PEEK',
  'QUIT',
  'RECONNECT',
  'STANDALONE',
]
const SCAN_REQUESTS = 20
const SCAN_COUNT = 1000
const MAX_KEYS = 200

/** One step of SCAN: the next cursor and keys; null when it cannot be asked now. */
export type ScanStep = (
  cursor: string,
  pattern: string,
  count: number,
) => Promise<{ cursor: string; keys: string[] } | null>

/** Words that are ended by a blank, and the one being typed; null where quotes are open. */
function splitLine(line: string): { words: string[]; from: number; typed: string } | null {
  const typed = /\S*$/.exec(line)![0]
  const from = line.length - typed.length
  const words = splitArguments(Buffer.from(line.slice(0, from), 'utf8'))
  return words === null ? null : { words: words.map((word) => latin1(word)), from, typed }
}

export async function completeLine(
  line: string,
  docs: readonly CommandDoc[],
  scan: ScanStep,
): Promise<Completion> {
  const split = splitLine(line)
  if (split === null) return { from: line.length, candidates: [] }
  const { from, typed } = split
  let { words } = split
  // A number before a command repeats it.
  if (/^\d+$/.test(words[0] ?? '')) words = words.slice(1)
  const isHelp = words[0]?.toLowerCase() === 'help'
  if (isHelp) words = words.slice(1)
  const names = nextWords(docs, words, isHelp)
  const doc = findDoc(docs, words)
  const isPeek = words.length === 1 && words[0].toLowerCase() === 'peek'
  const tokens = doc === null || isHelp ? [] : nextTokens(docs, words)
  const candidates = matching([...names, ...tokens], typed)
  if (!isHelp && (isPeek || expectsKey(docs, words))) {
    candidates.push(...(await keysFrom(typed, scan)))
  }
  return { from, candidates: [...new Set(candidates)] }
}

/** The words that continue some command's name. */
function nextWords(
  docs: readonly CommandDoc[],
  words: readonly string[],
  isHelp: boolean,
): string[] {
  const next: string[] = []
  for (const doc of docs) {
    const isBegun = words.every((word, i) => doc.words[i] === word.toUpperCase())
    if (isBegun && doc.words.length > words.length) next.push(doc.words[words.length])
  }
  if (words.length > 0) return [...new Set(next)]
  const own = isHelp ? docs.map((doc) => `@${doc.group}`) : LOCAL_COMMANDS
  return [...new Set([...next, ...own])].sort()
}

/** The candidates that begin as was typed, in the case that was typed. */
function matching(candidates: readonly string[], typed: string): string[] {
  const isLower = typed !== '' && typed === typed.toLowerCase() && typed !== typed.toUpperCase()
  return candidates
    .filter((candidate) => candidate.toUpperCase().startsWith(typed.toUpperCase()))
    .map((candidate) => (isLower ? candidate.toLowerCase() : candidate))
}

/** Keys that begin as was typed. Those that a line has to quote are quoted. */
async function keysFrom(typed: string, scan: ScanStep): Promise<string[]> {
  if (typed.startsWith("'") || typed.startsWith('"')) return []
  const start = Buffer.from(typed, 'utf8').toString('latin1')
  const pattern = `${start.replace(/[\\*?[\]]/g, '\\$&')}*`
  const keys = new Set<string>()
  let cursor = '0'
  for (let i = 0; i < SCAN_REQUESTS && keys.size < MAX_KEYS; i++) {
    const step = await scan(cursor, pattern, SCAN_COUNT)
    if (step === null) break
    for (const key of step.keys) keys.add(typeable(key))
    cursor = step.cursor
    if (cursor === '0') break
  }
  return [...keys].sort().slice(0, MAX_KEYS)
}

/** A key as it can be typed: bare, or quoted where it has blanks, quotes or unprintable bytes. */
function typeable(key: string): string {
  const bytes = fromLatin1(key)
  const text = Buffer.from(bytes).toString('utf8')
  const isPlain = /^[^\s"'\\\x00-\x1f\x7f\ufffd]+$/.test(text)
  return isPlain ? text : quoted(bytes)
}
