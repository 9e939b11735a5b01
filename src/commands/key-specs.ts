/**
 * Where the keys of a request are, by the declaration of its command: what COMMAND GETKEYS answers,
 * and what access rules, tracking and cluster slots go by.
 *
 * Key specifications are worked through in order: each finds its first key (at an index, or
 * behind a keyword) and from there a range, or a number of keys that is itself an argument. What
 * they can't tell, because they are incomplete or say so, the declaration's own `findKeys` does.
 * Source: the behaviour of Redis 7.2 (db.c).
 */

import { parseInteger } from '../bytes/integers.ts'
import { fromLatin1 } from '../bytes/text.ts'
import type { CommandSpec, KeyArguments, KeyIntent, KeySpec } from './command.ts'

/** A key of a request: the index of its argument and what is done to it. */
export interface KeyReference {
  readonly index: number
  readonly use: KeyUse
}

export type KeyUse = Pick<KeySpec, 'access' | 'intent' | 'flags'>

const INTENTS: readonly KeyIntent[] = ['access', 'update', 'insert', 'delete']
const SPEC_FLAGS = ['not_key', 'incomplete', 'variable_flags'] as const

/** The names of what is done to a key, in the order in which COMMAND shows them. */
export function flagNames(use: KeyUse): string[] {
  const intents = use.intent === undefined ? [] : [use.intent].flat()
  return [
    ...(use.flags?.includes('not_key') ? [] : [use.access]),
    ...INTENTS.filter((intent) => intents.includes(intent)),
    ...SPEC_FLAGS.filter((flag) => use.flags?.includes(flag)),
  ]
}

const READ_AND_WRITE: KeyUse = { access: 'RW', intent: ['access', 'update'] }
const OVERWRITE: KeyUse = { access: 'OW', intent: 'update' }
const READ_ONLY: KeyUse = { access: 'RO', intent: 'access' }

/** What is done to the key of a command whose specification says that it depends on the options. */
const VARIABLE_USES = new Map<string, (args: KeyArguments) => KeyUse>([
  ['SET', setUse],
  ['BITFIELD', bitfieldUse],
])

/** Says of a request what it does to its key, argument 1, if that depends on the options. */
export function variableUse(spec: CommandSpec): ((args: KeyArguments) => KeyUse) | null {
  return VARIABLE_USES.get(spec.name) ?? null
}

function setUse(args: KeyArguments): KeyUse {
  for (let i = 3; i < args.count; i++) {
    // Whoever compares a value comes to know it.
    if (args.is(i, 'get') || args.is(i, 'ifeq')) return READ_AND_WRITE
  }
  return OVERWRITE
}

/** BITFIELD only reads its key if all its operations are GET. */
function bitfieldUse(args: KeyArguments): KeyUse {
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1
    if (args.is(i, 'get') && left >= 2) i += 2
    else if (args.is(i, 'overflow') && left >= 1) i += 1
    else return READ_AND_WRITE
  }
  return READ_ONLY
}

/** Whether requests of the command may have keys at all. */
export function hasKeys(spec: CommandSpec): boolean {
  return spec.findKeys !== undefined || (spec.keys ?? []).some((each) => !isFake(each))
}

function isFake(spec: KeySpec): boolean {
  return spec.flags?.includes('not_key') ?? false
}

/**
 * The keys of a request of the command.
 *
 * @returns null when the arguments are such that the keys can't be told
 */
export function keysOf(spec: CommandSpec, args: KeyArguments): KeyReference[] | null {
  const specs = (spec.keys ?? []).filter((each) => !isFake(each))
  const varies = specs.some((each) => each.flags?.includes('variable_flags'))
  if (specs.length > 0 && !varies) {
    const found = keysBySpecs(specs, args)
    if (found !== null) return found
  }
  const useOf = variableUse(spec)
  if (useOf !== null) return [{ index: 1, use: useOf(args) }]
  if (spec.findKeys === undefined) return null
  const found = spec.findKeys(args)
  if (found.length === 0) return null
  return found.map((each) => ({ index: each.index, use: specs[each.spec] ?? READ_AND_WRITE }))
}

function keysBySpecs(specs: readonly KeySpec[], args: KeyArguments): KeyReference[] | null {
  const found: KeyReference[] = []
  for (const spec of specs) {
    const first = firstKey(spec, args)
    if (first === 'absent') continue
    if (first === 'unknown' || spec.flags?.includes('incomplete')) return null
    const range = keyRange(spec, first, args)
    if (range === null) return null
    const [begin, last, step] = range
    if (last >= args.count || last < begin || begin >= args.count) return null
    for (let index = begin; index <= last; index += step) found.push({ index, use: spec })
  }
  return found
}

/** Where the keys of one specification begin; absent if its keyword is not there. */
function firstKey({ begin }: KeySpec, args: KeyArguments): number | 'absent' | 'unknown' {
  if (typeof begin !== 'object') return begin
  const { startFrom } = begin
  const keyword = begin.keyword.toLowerCase()
  // From a place counted from the end, the keyword is sought towards the front.
  const step = startFrom > 0 ? 1 : -1
  const end = startFrom > 0 ? args.count - 1 : 1
  for (let i = startFrom > 0 ? startFrom : args.count + startFrom; i !== end; i += step) {
    if (i >= args.count || i < 1) break
    if (args.is(i, keyword)) return i + 1
  }
  return 'absent'
}

/** First key, last key and step; null if they can't be told. */
function keyRange(
  spec: KeySpec,
  first: number,
  args: KeyArguments,
): readonly [number, number, number] | null {
  if (spec.unknown) return null
  if (spec.keyNumber !== undefined) {
    const { index, firstKey, step } = spec.keyNumber
    if (first + index >= args.count) return null
    const digits = fromLatin1(args.word(first + index))
    const count = parseInteger(digits, 0, digits.length)
    if (!(count >= 0)) return null
    return [first + firstKey, first + firstKey + count - 1, step]
  }
  const last = spec.last ?? 0
  const step = spec.step ?? 1
  if (last >= 0) return [first, first + last, step]
  if (!spec.limit) return [first, args.count + last, step]
  return [first, first + Math.floor((args.count - first) / spec.limit) + last, step]
}

/** Where the keys are, as COMMAND said it before there were key specifications. */
export interface LegacyRange {
  readonly first: number
  /** Negative: counted from the end of the arguments. */
  readonly last: number
  readonly step: number
  /** Whether that is not the whole truth: the flag `movablekeys`. */
  readonly movable: boolean
}

const NO_KEYS: LegacyRange = { first: 0, last: 0, step: 0, movable: false }

export function legacyRange(spec: CommandSpec): LegacyRange {
  const specs = spec.keys ?? []
  if (specs.length === 0) return NO_KEYS
  const only = specs[0]!
  if (specs.length === 1 && isPlainRange(only)) {
    const movable = isIncomplete(only)
    return { first: only.begin, last: lastIndex(only), step: only.step ?? 1, movable }
  }
  let first = 0
  let last = 0
  let movable = false
  for (const each of specs) {
    const continues =
      isPlainRange(each) && (each.step ?? 1) === 1 && (last === 0 || last === each.begin - 1)
    if (!continues) {
      movable = true
      continue
    }
    if (isIncomplete(each)) movable = true
    if (first === 0 || each.begin < first) first = each.begin
    // Compared without signs: counted from the end is further than any index from the front.
    const own = lastIndex(each)
    if (own >>> 0 > last >>> 0) last = own
  }
  if (first === 0) return { ...NO_KEYS, movable: true }
  return { first, last, step: 1, movable }
}

function isPlainRange(spec: KeySpec): spec is KeySpec & { begin: number } {
  return typeof spec.begin === 'number' && spec.keyNumber === undefined && !spec.unknown
}

function isIncomplete(spec: KeySpec): boolean {
  return spec.flags?.includes('incomplete') ?? false
}

function lastIndex(spec: KeySpec & { begin: number }): number {
  const last = spec.last ?? 0
  return last < 0 ? last : last + spec.begin
}
