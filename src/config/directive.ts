/**
 * What a directive is, and the plain kinds of them: yes/no, number, text, path, choice and flags.
 * The parts that need their own syntax are in special.ts, the table itself in directives.ts.
 *
 * A directive holds no value: it is one immutable row that knows how to parse, print, expose and
 * rewrite one. `Stored` is the exact value (a bigint, a byte string), `Value` is what the engine
 * reads (a number, a path). Two stored values are the same when they print the same.
 *
 * Source: the behaviour of Redis 7.2's config.c, its limits and error texts to the byte.
 */

import { quoted } from '../bytes/quote.ts'
import { fromLatin1 } from '../bytes/text.ts'
import type { Files } from '../platform/files.ts'
import { decoded } from './byte-string.ts'
import {
  LONG_MAX,
  memoryInUnits,
  parseInteger,
  parseLenientInteger,
  parseMemory,
  ULONG_MAX,
} from './number-syntax.ts'

/** A value that a directive does not take, with the reason as Redis words it. */
export class Refused {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** Where a value comes from and what surrounds it, for the few directives that ask. */
export interface ParseContext {
  /** True while configuration files and command line flags are read. */
  readonly fromFile: boolean
  /** True when earlier lines of the directive are kept, as with the second `save` of a file. */
  readonly accumulate: boolean
  readonly files: Files
  /** The current value of another directive, as CONFIG GET prints it. */
  print(name: string): string
}

/** A line of CONFIG REWRITE; unless `force` is set it only replaces a line that is there. */
export interface RewriteLine {
  readonly line: string
  readonly force: boolean
}

export type Meaning = 'active' | 'accepted'

export interface DirectiveOptions {
  /** Another name that means the same, as the older `slave-…` ones do. */
  readonly alias?: string
  /** Read by the server; without it the directive is taken, kept and printed, and that is all. */
  readonly active?: boolean
  /** Settable only at start. */
  readonly immutable?: boolean
  /** Left out of CONFIG GET's patterns. */
  readonly hidden?: boolean
  /** Kept out of logs. */
  readonly sensitive?: boolean
  /** Settable only as `enable-protected-configs` allows. */
  readonly protected?: boolean
  /** Part of a crash report. */
  readonly debug?: boolean
  readonly deniedWhileLoading?: boolean
  /** Takes effect again even when set to the value that it has. */
  readonly volatile?: boolean
  /** Takes several arguments a line. */
  readonly multiple?: boolean
}

export abstract class Directive<Stored, Value = Stored> {
  /** The name of the kind, for the documentation. */
  abstract readonly kind: string
  readonly initial: Stored
  readonly options: DirectiveOptions

  constructor(initial: Stored, options: DirectiveOptions) {
    this.initial = initial
    this.options = options
  }

  get meaning(): Meaning {
    return this.options.active ? 'active' : 'accepted'
  }

  /** The value that the arguments stand for. A directive without `multiple` gets exactly one. */
  abstract parse(args: readonly string[], current: Stored, context: ParseContext): Stored | Refused

  /** The value as CONFIG GET shows it; parsing it gives the same value. */
  abstract print(stored: Stored): string

  /** The value as the engine reads it. */
  abstract expose(stored: Stored): Value

  /** The lines that CONFIG REWRITE leaves; none when the directive is to go from the file. */
  rewrite(name: string, stored: Stored): RewriteLine[] {
    const force = this.print(stored) !== this.print(this.initial)
    return [{ line: `${name} ${this.print(stored)}`, force }]
  }
}

export class BooleanDirective extends Directive<boolean> {
  readonly kind = 'boolean'
  readonly #validate: Validate<boolean>

  constructor(initial: boolean, options: DirectiveOptions, validate: Validate<boolean> = valid) {
    super(initial, options)
    this.#validate = validate
  }

  parse(args: readonly string[], _current: boolean, context: ParseContext): boolean | Refused {
    const word = args[0].toLowerCase()
    if (word !== 'yes' && word !== 'no') return new Refused("argument must be 'yes' or 'no'")
    return this.#validate(word === 'yes', context) ?? word === 'yes'
  }

  print(stored: boolean): string {
    return stored ? 'yes' : 'no'
  }

  expose(stored: boolean): boolean {
    return stored
  }
}

type Validate<Stored> = (value: Stored, context: ParseContext) => Refused | null

function valid(): null {
  return null
}

export type NumberUnit = 'integer' | 'memory' | 'memory or percent' | 'octal'

export interface NumberRange {
  readonly unit: NumberUnit
  readonly unsigned: boolean
  readonly min: bigint
  readonly max: bigint
  /** Values outside are moved to the nearer end without an error. */
  readonly clamp?: readonly [min: bigint, max: bigint]
}

/**
 * A number of up to 64 bits. The engine reads it as a JavaScript number, exact up to 2^53 and the
 * nearest double above it, where only limits that nothing reaches are found. A percentage, where
 * one is allowed, is stored as its negative.
 */
export class NumberDirective extends Directive<bigint, number> {
  readonly kind: NumberUnit
  readonly range: NumberRange

  constructor(initial: bigint, range: NumberRange, options: DirectiveOptions) {
    super(initial, options)
    this.kind = range.unit
    this.range = range
  }

  parse(args: readonly string[]): bigint | Refused {
    const value = this.#read(args[0])
    if (value === null) return new Refused(UNREADABLE[this.kind])
    const outside = this.#outside(value)
    if (outside !== null) return new Refused(outside)
    const clamp = this.range.clamp
    if (clamp !== undefined && value < clamp[0]) return clamp[0]
    return clamp !== undefined && value > clamp[1] ? clamp[1] : value
  }

  /** The 64 bits that the text stands for: as unsigned ones where the range is. */
  #read(text: string): bigint | null {
    const bits = this.#readSigned(text)
    return bits === null || !this.range.unsigned ? bits : BigInt.asUintN(64, bits)
  }

  #readSigned(text: string): bigint | null {
    if (this.kind === 'integer') return parseInteger(text)
    if (this.kind === 'octal') return parseLenientInteger(text, 8)
    const memory = parseMemory(text)
    if (memory !== null) return BigInt.asIntN(64, memory)
    if (this.kind === 'memory' || !text.endsWith('%')) return null
    const percent = parseInteger(text.slice(0, -1))
    return percent === null || percent < 0n ? null : -percent
  }

  #outside(value: bigint): string | null {
    const { min, max } = this.range
    if (this.kind === 'memory or percent' && value < 0n) {
      return value < min ? `percentage argument must be less or equal to ${-min}` : null
    }
    if (value >= min && value <= max) return null
    const base = this.kind === 'octal' ? 8 : 10
    return `argument must be between ${min.toString(base)} and ${max.toString(base)} inclusive`
  }

  print(stored: bigint): string {
    if (this.kind === 'octal') return stored.toString(8)
    return this.kind === 'memory or percent' && stored < 0n ? `${-stored}%` : `${stored}`
  }

  expose(stored: bigint): number {
    return Number(stored)
  }

  override rewrite(name: string, stored: bigint): RewriteLine[] {
    const inUnits = this.kind === 'memory' || (this.kind === 'memory or percent' && stored >= 0n)
    const text = inUnits ? memoryInUnits(stored) : this.print(stored)
    return [{ line: `${name} ${text}`, force: stored !== this.initial }]
  }
}

const UNREADABLE: Record<NumberUnit, string> = {
  integer: "argument couldn't be parsed into an integer",
  memory: 'argument must be a memory value',
  'memory or percent': 'argument must be a memory or percent value',
  octal: "argument couldn't be parsed as an octal number",
}

export interface TextOptions extends DirectiveOptions {
  /** An empty text means that nothing is set, and then nothing is rewritten. */
  readonly emptyIsNone?: boolean
  /** Keeps NUL bytes; other texts end at the first one, as C strings do. */
  readonly binary?: boolean
}

/** Any text, a byte string to the engine as well. */
export class TextDirective extends Directive<string> {
  readonly kind: string = 'text'
  readonly #options: TextOptions
  readonly #validate: Validate<string>

  constructor(initial: string, options: TextOptions, validate: Validate<string> = valid) {
    super(initial, options)
    this.#options = options
    this.#validate = validate
  }

  parse(args: readonly string[], _current: string, context: ParseContext): string | Refused {
    const text = this.#options.binary ? args[0] : args[0].split('\0', 1)[0]
    return this.#validate(text, context) ?? text
  }

  print(stored: string): string {
    return stored
  }

  expose(stored: string): string {
    return stored
  }

  override rewrite(name: string, stored: string): RewriteLine[] {
    if (this.#options.emptyIsNone && stored === '') return []
    return [{ line: `${name} ${quoted(fromLatin1(stored))}`, force: stored !== this.initial }]
  }
}

/** A text that names a file: kept as bytes, read by the engine as ordinary text. */
export class PathDirective extends TextDirective {
  override readonly kind = 'path'

  override expose(stored: string): string {
    return decoded(stored)
  }
}

/** One word of a list. A word may stand for another one: it is then stored and shown as that. */
export class ChoiceDirective<Word extends string> extends Directive<Word> {
  readonly kind = 'choice'
  readonly words: readonly Word[]
  readonly #synonyms: ReadonlyMap<Word, Word>

  constructor(
    words: readonly Word[],
    initial: Word,
    options: DirectiveOptions,
    synonyms: ReadonlyMap<Word, Word> = new Map(),
  ) {
    super(initial, options)
    this.words = words
    this.#synonyms = synonyms
  }

  parse(args: readonly string[]): Word | Refused {
    const given = args[0].toLowerCase()
    const word = this.words.find((candidate) => candidate === given)
    if (word === undefined) return notAmong(this.words)
    return this.#synonyms.get(word) ?? word
  }

  print(stored: Word): string {
    return stored
  }

  expose(stored: Word): Word {
    return stored
  }
}

/** Several words of a list at once; the first of the list stands for none and is shown alone. */
export class FlagsDirective<Word extends string> extends Directive<readonly Word[]> {
  readonly kind = 'flags'
  readonly words: readonly Word[]
  readonly #exclusive: readonly [Word, Word]
  readonly #conflict: string

  constructor(
    words: readonly Word[],
    exclusive: readonly [Word, Word],
    conflict: string,
    options: DirectiveOptions,
  ) {
    super([], { ...options, multiple: true })
    this.words = words
    this.#exclusive = exclusive
    this.#conflict = conflict
  }

  parse(args: readonly string[]): readonly Word[] | Refused {
    const given = args.map((argument) => argument.toLowerCase())
    const known = given.every((word) => this.words.some((candidate) => candidate === word))
    if (given.length === 0 || !known) return notAmong(this.words)
    const set = this.words.slice(1).filter((word) => given.includes(word))
    if (this.#exclusive.every((word) => set.includes(word))) return new Refused(this.#conflict)
    return set
  }

  print(stored: readonly Word[]): string {
    return stored.length === 0 ? this.words[0] : stored.join(' ')
  }

  expose(stored: readonly Word[]): readonly Word[] {
    return stored
  }
}

function notAmong(words: readonly string[]): Refused {
  return new Refused(`argument(s) must be one of the following: ${words.join(', ')}`)
}

// The constructors of the table's rows.

export function yesNo(
  initial: 'yes' | 'no',
  options: DirectiveOptions = {},
  validate?: Validate<boolean>,
): BooleanDirective {
  return new BooleanDirective(initial === 'yes', options, validate)
}

type Whole = number | bigint

export function integer(
  initial: Whole,
  min: Whole,
  max: Whole,
  options: DirectiveOptions & { unsigned?: boolean; clamp?: readonly [bigint, bigint] } = {},
): NumberDirective {
  const { unsigned = false, clamp, ...rest } = options
  const range = { unit: 'integer', unsigned, min: BigInt(min), max: BigInt(max) } as const
  const whole = clamp === undefined ? range : { ...range, clamp }
  return new NumberDirective(BigInt(initial), whole, rest)
}

export function octal(initial: Whole, min: Whole, max: Whole, options: DirectiveOptions) {
  const range = { unit: 'octal', unsigned: true, min: BigInt(min), max: BigInt(max) } as const
  return new NumberDirective(BigInt(initial), range, options)
}

/** Bytes, within a signed range as most are. */
export function memory(
  initial: Whole,
  min: Whole,
  max: Whole = LONG_MAX,
  options: DirectiveOptions = {},
): NumberDirective {
  const range = { unit: 'memory', unsigned: false, min: BigInt(min), max: BigInt(max) } as const
  return new NumberDirective(BigInt(initial), range, options)
}

/** Bytes, within an unsigned range: what wraps counts as very large instead of negative. */
export function unsignedMemory(
  initial: Whole,
  min: Whole,
  max: Whole = ULONG_MAX,
  options: DirectiveOptions = {},
): NumberDirective {
  const range = { unit: 'memory', unsigned: true, min: BigInt(min), max: BigInt(max) } as const
  return new NumberDirective(BigInt(initial), range, options)
}

export function memoryOrPercent(initial: Whole, options: DirectiveOptions): NumberDirective {
  const range = { unit: 'memory or percent', unsigned: false, min: -100n, max: LONG_MAX } as const
  return new NumberDirective(BigInt(initial), range, options)
}

export function text(
  initial: string,
  options: TextOptions = {},
  validate?: Validate<string>,
): TextDirective {
  return new TextDirective(initial, options, validate)
}

export function path(
  initial: string,
  options: TextOptions = {},
  validate?: Validate<string>,
): PathDirective {
  return new PathDirective(initial, options, validate)
}

export function choice<const Word extends string>(
  words: readonly Word[],
  initial: NoInfer<Word>,
  options: DirectiveOptions = {},
  synonyms?: ReadonlyMap<NoInfer<Word>, NoInfer<Word>>,
): ChoiceDirective<Word> {
  return new ChoiceDirective(words, initial, options, synonyms)
}
