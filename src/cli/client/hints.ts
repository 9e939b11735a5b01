/**
 * Hints: the arguments of a command that a line still lacks, from the command's argument tree.
 *
 * The words typed are matched with the tree, and what was matched is left out. Optional arguments
 * next to each other come in any order; one that has been begun is shown first. The rules, and so
 * the hints, are those of redis-cli 7.2.
 */
import type { ArgumentDoc, CommandDoc } from './command-docs.ts'
import { findDoc } from './command-docs.ts'

/** An argument of the tree with what the line has of it. */
class Match {
  readonly doc: ArgumentDoc
  readonly parts: readonly Match[]
  /** Words that it has, 0 for none; and whether its token, its value and all of it are there. */
  words = 0
  hasToken = false
  hasValue = false
  isWhole = false

  constructor(doc: ArgumentDoc) {
    this.doc = doc
    this.parts = doc.parts.map((part) => new Match(part))
  }

  clear(): void {
    this.words = 0
    this.hasToken = this.hasValue = this.isWhole = false
    for (const part of this.parts) part.clear()
  }

  /** Takes what it can from the words at `at`. @returns how many that are */
  take(words: readonly string[], at: number): number {
    const first = this.takeOnce(words, at)
    if (!this.doc.isMultiple) return first
    let taken = first
    while (this.isWhole && at + taken < words.length) {
      this.clear()
      let more: number
      if (this.doc.token !== null && !this.doc.repeatsToken) {
        more = this.takeValue(words, at + taken)
        // The token stands before the first only, and counts as seen.
        if (this.words > 0) this.hasToken = true
      } else more = this.takeOnce(words, at + taken)
      taken += more
    }
    // One more may always follow.
    this.isWhole = false
    return taken
  }

  private takeOnce(words: readonly string[], at: number): number {
    const { token, type } = this.doc
    if (token === null) return this.takeValue(words, at)
    if (at >= words.length || words[at].toUpperCase() !== token.toUpperCase()) return 0
    this.hasToken = true
    this.words = 1
    if (type === 'pure-token') {
      this.isWhole = true
      return 1
    }
    if (at + 1 === words.length) return 1
    return this.takeValue(words, at + 1)
  }

  private takeValue(words: readonly string[], at: number): number {
    switch (this.doc.type) {
      case 'block':
        this.words += takeAll(this.parts, words, at)
        this.isWhole = this.parts.every((part) => part.isWhole)
        return this.words
      case 'oneof': {
        const part = this.parts.find((each) => each.take(words, at) > 0)
        if (part !== undefined) {
          this.words += part.words
          this.isWhole = part.isWhole
        }
        return this.words
      }
      case 'integer':
      case 'unix-time':
        return this.takeIf(/^\s*[+-]?\d/.test(words[at]))
      case 'double':
        return this.takeIf(/^\s*[+-]?(\d|\.\d|inf|nan)/i.test(words[at]))
      default:
        return this.takeIf(true)
    }
  }

  private takeIf(fits: boolean): number {
    this.words = fits ? this.words + 1 : 0
    this.hasValue = fits
    if (fits) this.isWhole = true
    return this.words
  }
}

/** Matches words with arguments in turn. @returns how many, 0 if one that is needed does not fit */
function takeAll(matches: readonly Match[], words: readonly string[], begin: number): number {
  let at = begin
  for (let i = 0; i < matches.length && at < words.length; i++) {
    if (!matches[i].doc.isOptional) {
      const taken = matches[i].take(words, at)
      if (taken === 0) return 0
      at += taken
      continue
    }
    const end = optionalEnd(matches, i)
    at += takeOptional(matches.slice(i, end), words, at)
    i = end - 1
  }
  return at - begin
}

function optionalEnd(matches: readonly Match[], begin: number): number {
  let end = begin
  while (end < matches.length && matches[end].doc.isOptional) end++
  return end
}

function takeOptional(matches: readonly Match[], words: readonly string[], begin: number): number {
  let at = begin
  let last: Match | null = null
  while (at < words.length) {
    let taken = 0
    const match = matches.find((each) => each.words === 0 && (taken = each.take(words, at)) > 0)
    if (match === undefined) break
    // What comes before another one is at its end.
    if (last !== null) last.isWhole = true
    last = match
    at += taken
  }
  return at - begin
}

/** Joins the texts that there are. */
function joined(texts: readonly string[], separator: string): string {
  return texts.filter((text) => text !== '').join(separator)
}

function hintOfAll(matches: readonly Match[], separator: string): string {
  const texts: string[] = []
  for (let i = 0; i < matches.length; i++) {
    if (!matches[i].doc.isOptional) {
      texts.push(hintOf(matches[i]))
      continue
    }
    const end = optionalEnd(matches, i)
    const group = matches.slice(i, end)
    const begun = group.filter((match) => match.words > 0 && !match.isWhole)
    for (const match of begun) texts.push(hintOf(match))
    // Once the argument behind them is there, no optional one can follow.
    if (end === matches.length || matches[end].words === 0) {
      for (const match of group) if (!begun.includes(match)) texts.push(hintOf(match))
    }
    i = end - 1
  }
  return joined(texts, separator)
}

function hintOf(match: Match): string {
  if (match.isWhole) return ''
  const { doc } = match
  const isBegun = match.words > 0
  const token = doc.token !== null && !match.hasToken ? doc.token : ''
  let text = token + (token !== '' && doc.type !== 'pure-token' ? ' ' : '') + valueHint(match)
  if (doc.isMultiple) {
    match.clear()
    const again = doc.repeatsToken
      ? joined([doc.token ?? '', valueHint(match)], ' ')
      : valueHint(match)
    text = `${text === '' ? '' : `${text} `}[${again} ...]`
  }
  return doc.isOptional && !isBegun ? `[${text}]` : text
}

function valueHint(match: Match): string {
  switch (match.doc.type) {
    case 'oneof':
      if (match.words === 0) return hintOfAll(match.parts, '|')
      return match.parts
        .filter((part) => part.words > 0)
        .map(hintOf)
        .join('')
    case 'block':
      return hintOfAll(match.parts, ' ')
    case 'pure-token':
      return ''
    default:
      return match.hasValue ? '' : match.doc.shown
  }
}

/** All arguments of a command, as in its help. */
export function syntaxOf(doc: CommandDoc): string {
  return hintOfAll(
    doc.arguments.map((each) => new Match(each)),
    ' ',
  )
}

/**
 * The arguments of the command that a line's words begin with, and what the words behind it are of
 * them; none if these do not fit, null without such a command.
 */
function matched(docs: readonly CommandDoc[], words: readonly string[]): readonly Match[] | null {
  const doc = findDoc(docs, words)
  if (doc === null) return null
  const matches = doc.arguments.map((each) => new Match(each))
  const rest = words.slice(doc.words.length)
  return takeAll(matches, rest, 0) === rest.length ? matches : []
}

/**
 * What a line lacks; null if it begins with no command, '' if nothing is missing or what is there
 * does not fit.
 *
 * @param words all words of the line that have been ended
 */
export function hintFor(docs: readonly CommandDoc[], words: readonly string[]): string | null {
  const matches = matched(docs, words)
  return matches === null ? null : hintOfAll(matches, ' ')
}

/** The tokens that may come next, for completion: `EX`, `NX` … of SET. */
export function nextTokens(docs: readonly CommandDoc[], words: readonly string[]): string[] {
  const tokens: string[] = []
  collectTokens(matched(docs, words) ?? [], tokens, false)
  return [...new Set(tokens)]
}

function collectTokens(
  matches: readonly Match[],
  tokens: string[],
  areAlternatives: boolean,
): void {
  for (const match of matches) {
    const { doc } = match
    const isOpen = !match.isWhole && (match.words === 0 || doc.isMultiple)
    if (!isOpen) continue
    if (doc.token !== null && !match.hasToken) tokens.push(doc.token)
    else collectTokens(match.parts, tokens, doc.type === 'oneof')
    // What comes behind an argument that is needed cannot come yet.
    if (!doc.isOptional && !areAlternatives) return
  }
}

/** Whether the next word of a line is the name of a key. */
export function expectsKey(docs: readonly CommandDoc[], words: readonly string[]): boolean {
  return isKeyNext(matched(docs, words) ?? [])
}

function isKeyNext(matches: readonly Match[]): boolean {
  for (const match of matches) {
    if (match.isWhole) continue
    const { doc } = match
    if (doc.type === 'key' && (doc.token === null || match.hasToken)) return true
    if (doc.type === 'block' && doc.token === null) {
      // A repetition begins with the block's first part again.
      const isRepeated = doc.isMultiple && match.parts.every((part) => part.isWhole)
      if (isKeyNext(isRepeated ? new Match(doc).parts : match.parts)) return true
    }
    if (!doc.isOptional && !(doc.isMultiple && match.words > 0)) return false
  }
  return false
}
