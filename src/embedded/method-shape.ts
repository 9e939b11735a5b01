/**
 * How a command's arguments look in JavaScript: the tree of its declaration, flattened to slots in
 * the order in which they are sent. The methods of a store are run by it (`method-arguments.ts`),
 * and their types are written from it (`scripts/write-store-types.ts`).
 *
 * What stands by itself becomes a parameter; whatever has a token becomes a field of one object
 * with options, which is the last parameter: `ZRANGE key 0 -1 REV LIMIT 0 10` is
 * `zrange(key, 0, -1, { REV: true, LIMIT: [0, 10] })`. A number of keys is counted, not given.
 */
import type { ArgSpec, CommandSpec } from '../commands/command.ts'

/** A field of the options: its token, then so many values (0: the token is all). */
export interface OptionField {
  readonly token: string
  readonly values: readonly ArgSpec[]
  /** Any number of values, the token before each if `isRepeated`. */
  readonly isMultiple: boolean
  readonly isRepeated: boolean
}

export type Slot =
  | { readonly kind: 'one' | 'maybe'; readonly arg: ArgSpec }
  /** One word of several. */
  | { readonly kind: 'word'; readonly name: string; readonly words: readonly string[] }
  | {
      readonly kind: 'many'
      /** What each element is made of: one value, two (pairs) or more. */
      readonly args: readonly ArgSpec[]
      readonly token: string | null
      /** The number of elements goes before them. */
      readonly isCounted: boolean
      readonly isOptional: boolean
    }
  | {
      readonly kind: 'options'
      readonly fields: readonly OptionField[]
      readonly isNeeded: boolean
    }

const PLAIN = new Set(['string', 'integer', 'double', 'key', 'pattern', 'unix-time'])

/** The slots of a command; null if its arguments fit no such shape, and are given as they are. */
export function shapeOf(spec: CommandSpec): readonly Slot[] | null {
  const slots = slotsOf(spec.args ?? [], false)
  if (slots === null) return null
  // Where several runs of values would have to be told apart, nobody could read the call.
  const runs = slots.filter(({ kind }) => kind === 'many' || kind === 'maybe')
  return runs.length > 1 ? null : slots
}

function slotsOf(args: readonly ArgSpec[], isOptional: boolean): Slot[] | null {
  const slots: Slot[] = []
  let isCounted = false
  for (const arg of args) {
    if (isCount(arg)) {
      isCounted = true
      continue
    }
    const found = slotOf(arg, isOptional || arg.optional === true, isCounted)
    if (found === null) return null
    slots.push(...found)
    isCounted = false
  }
  return slots
}

function isCount({ name, type }: ArgSpec): boolean {
  return type === 'integer' && (name === 'numkeys' || name === 'numfields')
}

function slotOf(arg: ArgSpec, isOptional: boolean, isCounted: boolean): Slot[] | null {
  if (arg.type === 'oneof') return choice(arg, isOptional)
  if (arg.type === 'block') return block(arg, isOptional)
  if (arg.type === 'pure-token' || arg.token !== undefined) {
    if (arg.type !== 'pure-token' && !isOptional && arg.multiple) return null
    return [options([arg], !isOptional)]
  }
  if (!PLAIN.has(arg.type)) return null
  if (arg.multiple) return [{ kind: 'many', args: [arg], token: null, isCounted, isOptional }]
  return [{ kind: isOptional ? 'maybe' : 'one', arg }]
}

function choice({ args = [], multiple, name, token }: ArgSpec, isOptional: boolean): Slot[] | null {
  if (multiple) return null
  const isWords = args.every(({ type }) => type === 'pure-token')
  if (token !== undefined) {
    if (!isWords) return null
    const value: ArgSpec = { name, type: 'oneof', args }
    const field = { token, values: [value], isMultiple: false, isRepeated: false }
    return [{ kind: 'options', fields: [field], isNeeded: !isOptional }]
  }
  if (isWords && !isOptional) return [{ kind: 'word', name, words: args.map(tokenOf) }]
  const isTokens = args.every((each) => each.type === 'pure-token' || each.token !== undefined)
  return isTokens ? [options(args, !isOptional)] : null
}

function block(arg: ArgSpec, isOptional: boolean): Slot[] | null {
  const { args = [], multiple, token } = arg
  const values = args.filter((each) => !isCount(each))
  const isCounted = values.length < args.length
  const isPlain = values.every(({ token: inner, type }) => PLAIN.has(type) && inner === undefined)
  if (token === undefined) {
    if (!multiple) return slotsOf(args, isOptional)
    return isPlain ? [{ kind: 'many', args: values, token: null, isCounted, isOptional }] : null
  }
  // `FIELDS numfields field [field ...]`, or with pairs of fields and values.
  if (isCounted && values.length === 1 && values[0]!.multiple) {
    const [inner] = values
    const each = inner!.type === 'block' ? (inner!.args ?? []) : [inner!]
    return [{ kind: 'many', args: each, token, isCounted, isOptional }]
  }
  if (multiple || !isPlain || values.some((each) => each.multiple)) return null
  return [options([arg], !isOptional)]
}

function options(args: readonly ArgSpec[], isNeeded: boolean): Slot {
  const fields = args.map((arg): OptionField => {
    const values = arg.type === 'pure-token' ? [] : arg.type === 'block' ? arg.args! : [arg]
    const { multiple: isMultiple = false, multipleToken: isRepeated = false } = arg
    return { token: tokenOf(arg), values, isMultiple, isRepeated }
  })
  return { kind: 'options', fields, isNeeded }
}

function tokenOf({ name, token }: ArgSpec): string {
  return token ?? name.toUpperCase()
}

/** The name of a command's method: `hgetall`, `configGet`, `clientNoEvict`. */
export function methodName(spec: CommandSpec, container: string | null): string {
  const words = `${container === null ? '' : `${container}-`}${spec.name}`
    .toLowerCase()
    .split(/[-_]/)
  const [first, ...others] = words
  return first + others.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
}
