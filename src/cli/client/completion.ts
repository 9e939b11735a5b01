/**
 * What Tab may put into a line: commands and their subcommands, topics behind `help`, options of a
 * command by its argument tree, and names of keys where a key is expected. Keys are looked for by
 * SCAN, with bounds on the requests and on the keys, so that a large database is no trouble.
 */
import { quoted, splitArguments } from '../../bytes/quote.ts'
import { fromLatin1, latin1 } from '../../bytes/text.ts'
import { decoded, encoded } from '../../config/byte-string.ts'
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

interface SplitLine {
  /** Words that are ended by a blank. */
  readonly words: readonly string[]
  /** Where the one being typed begins, and it as it stands there. */
  readonly from: number
  readonly typed: string
  /** What it means, Latin-1: without its quote, which is still open. */
  readonly value: string
  readonly isQuoted: boolean
}

/** @returns null for a line that cannot become arguments, whatever comes behind it */
function splitLine(line: string): SplitLine | null {
  const from = lastWordStart(line)
  const typed = line.slice(from)
  const words = splitArguments(Buffer.from(line.slice(0, from), 'utf8'))
  if (words === null) return null
  const isQuoted = /^["']/.test(typed)
  const closed = isQuoted ? splitArguments(Buffer.from(typed + typed[0], 'utf8')) : null
  if (isQuoted && closed?.length !== 1) return null
  const value = closed === null ? encoded(typed) : latin1(closed[0])
  return { words: words.map((word) => latin1(word)), from, typed, value, isQuoted }
}

/** Where the last word begins: behind the last blank that no quotes hold. */
function lastWordStart(line: string): number {
  let start = 0
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const char = line[i]
    if (quote !== '' && char === '\\') i++
    else if (quote !== '') quote = char === quote ? '' : quote
    else if (/\s/.test(char)) start = i + 1
    else if (i === start && (char === '"' || char === "'")) quote = char
  }
  return start
}

export async function completeLine(
  line: string,
  docs: readonly CommandDoc[],
  scan: ScanStep,
): Promise<Completion> {
  const split = splitLine(line)
  if (split === null) return { from: line.length, candidates: [] }
  const { from, typed, value, isQuoted } = split
  let words = split.words
  // A number before a command repeats it.
  if (/^\d+$/.test(words[0] ?? '')) words = words.slice(1)
  const isHelp = words[0]?.toLowerCase() === 'help'
  if (isHelp) words = words.slice(1)
  const names = nextWords(docs, words, isHelp)
  const doc = findDoc(docs, words)
  const isPeek = words.length === 1 && words[0].toLowerCase() === 'peek'
  const tokens = doc === null || isHelp ? [] : nextTokens(docs, words)
  const candidates = matching([...names, ...tokens], typed, words[0] ?? '')
  if (!isHelp && (isPeek || expectsKey(docs, words))) {
    const keys = await keysFrom(value, scan)
    candidates.push(...keys.map((key) => (isQuoted ? inQuotes(key) : typeable(key))).sort())
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

/** The candidates that begin as was typed, in the case of that or else of the command. */
function matching(candidates: readonly string[], typed: string, command: string): string[] {
  const model = typed === '' ? command : typed
  const isLower = model === model.toLowerCase() && model !== model.toUpperCase()
  return candidates
    .filter((candidate) => candidate.toUpperCase().startsWith(typed.toUpperCase()))
    .map((candidate) => (isLower ? candidate.toLowerCase() : candidate))
}

/** Keys that begin with these bytes, in no order. */
async function keysFrom(start: string, scan: ScanStep): Promise<string[]> {
  const pattern = `${start.replace(/[\\*?[\]]/g, '\\$&')}*`
  const keys = new Set<string>()
  let cursor = '0'
  for (let i = 0; i < SCAN_REQUESTS && keys.size < MAX_KEYS; i++) {
    const step = await scan(cursor, pattern, SCAN_COUNT)
    if (step === null) break
    for (const key of step.keys) keys.add(key)
    cursor = step.cursor
    if (cursor === '0') break
  }
  return [...keys].slice(0, MAX_KEYS)
}

/** A key as it can be typed: bare, or quoted where it has blanks, quotes or unprintable bytes. */
function typeable(key: string): string {
  const text = decoded(key)
  return /^[^\s"'\\\x00-\x1f\x7f\ufffd]+$/.test(text) ? text : inQuotes(key)
}

/** With escapes for what is not text. */
function inQuotes(key: string): string {
  const text = decoded(key)
  const isText = /^[^\x00-\x1f\x7f\ufffd]*$/.test(text)
  return isText ? `"${text.replace(/["\\]/g, '\\$&')}"` : quoted(fromLatin1(key))
}
