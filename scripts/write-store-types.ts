/**
 * `npm run docs`: writes the types of the store's methods, src/embedded/commands/*.ts, with their
 * documentation, from the declarations of the commands. test/unit/embedded/store-types.test.ts
 * fails when the files are not what this would write.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ArgSpec, CommandGroup } from '../src/commands/command.ts'
import { commandSyntax } from '../src/commands/syntax.ts'
import { isNamedLast } from '../src/embedded/method-arguments.ts'
import type { OptionField, Slot } from '../src/embedded/method-shape.ts'
import { METHODS, type Method } from '../src/embedded/methods.ts'
import { REPLY_TYPES } from './store-reply-types.ts'

/** Where the files are, from the repository's root. */
export const STORE_TYPES_PATH = 'src/embedded/commands'

/** Names of parameters that are words of the language. */
const RESERVED = new Map([
  ['function', 'functionName'],
  ['default', 'defaultValue'],
])

function parameterName(name: string): string {
  const camel = name
    .toLowerCase()
    .replace(/[-_:| ]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replace(/[^a-zA-Z0-9]/g, '')
  return RESERVED.get(camel) ?? camel
}

/** What a value may be. Numbers are given as numbers; what a user chose may be any argument. */
function inputType({ args, type }: ArgSpec): string {
  if (type === 'oneof') return (args ?? []).map((arg) => `'${arg.token}'`).join(' | ')
  return type === 'integer' || type === 'unix-time' ? 'Integer' : 'Argument'
}

function fieldType({ isMultiple, values }: OptionField): string {
  if (values.length === 0) return 'boolean'
  if (isMultiple) return 'OneOrMore'
  if (values.length === 1) return inputType(values[0]!)
  return `readonly [${values.map((value) => `${parameterName(value.name)}: ${inputType(value)}`).join(', ')}]`
}

function optionsType(slots: readonly Slot[], needed: string): string {
  const fields = slots.flatMap((slot) => (slot.kind === 'options' ? slot.fields : []))
  const parts = fields.map((field) => {
    const isNeeded = field.token === needed
    return `${property(field.token)}${isNeeded ? '' : '?'}: ${isNeeded && field.values.length === 0 ? 'true' : fieldType(field)}`
  })
  return `{ ${parts.join('; ')} }`
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`
}

/** A variant of a signature: which option it has, if any, and what it answers. */
interface Variant {
  readonly option: string
  readonly reply: string
}

/** The parameters of one signature; `asFlat` has pairs and lists as values one by one. */
function parameters(slots: readonly Slot[], { option }: Variant, asFlat: boolean): string {
  const parts: string[] = []
  const withOptions = slots.some(({ kind }) => kind === 'options')
  const lastParameter = slots.findLast(({ kind }) => kind !== 'options')
  for (const slot of slots) {
    if (slot.kind === 'one') parts.push(`${parameterName(slot.arg.name)}: ${inputType(slot.arg)}`)
    if (slot.kind === 'word') {
      const words = slot.words.map((word) => `'${word}'`).join(' | ')
      parts.push(`${parameterName(slot.name)}: ${words}`)
    }
    if (slot.kind === 'maybe' && option !== '') {
      const mark = option === 'count' || option.startsWith('WITH') ? '' : '?'
      parts.push(`${parameterName(slot.arg.name)}${mark}: ${inputType(slot.arg)}`)
    } else if (slot.kind === 'maybe' && !hasCountVariant(slots, option)) {
      parts.push(`${parameterName(slot.arg.name)}?: ${inputType(slot.arg)}`)
    }
    if (slot.kind === 'many') {
      parts.push(...listParameters(slot, slot === lastParameter && !withOptions, asFlat))
    }
  }
  if (withOptions) {
    const isNeeded = slots.some((slot) => slot.kind === 'options' && slot.isNeeded)
    const mark = isNeeded || (option !== '' && option !== 'count') ? '' : '?'
    parts.push(`options${mark}: ${optionsType(slots, option)}`)
  }
  return parts.join(', ')
}

let countVariants = new Set<readonly Slot[]>()

function hasCountVariant(slots: readonly Slot[], option: string): boolean {
  return option === '' && countVariants.has(slots)
}

function listParameters(slot: Slot & { kind: 'many' }, isLast: boolean, asFlat: boolean): string[] {
  const { args, isOptional } = slot
  const name = parameterName(args[0]!.name)
  const plural = name.endsWith('s') ? name : `${name}s`
  if (args.length === 1) {
    const mark = isOptional ? '?' : ''
    return isLast && slot.token === null && !slot.isCounted
      ? [`...${plural}: readonly OneOrMore[]`]
      : [`${plural}${mark}: OneOrMore`]
  }
  if (asFlat) {
    const flat = args.map((arg) => `${parameterName(arg.name)}: ${inputType(arg)}`)
    return isLast ? [...flat, '...more: readonly Argument[]'] : flat
  }
  if (args.length > 2) {
    const row = args.map((arg) => `${parameterName(arg.name)}: ${inputType(arg)}`).join(', ')
    return [`rows: readonly (readonly [${row}])[]`]
  }
  return [isNamedLast(args) ? 'scores: ScoresInput' : 'pairs: PairsInput']
}

function variantsOf({ fullName }: Method): Variant[] {
  const type = REPLY_TYPES.get(fullName) ?? 'Value'
  if (typeof type === 'string') return [{ option: '', reply: type }]
  const variants = Object.entries(type).map(([option, reply]) => ({ option, reply }))
  // The more particular ones first, as overloads are tried in order; the plain one is last.
  const rank = ({ option }: Variant) => (option === '' ? 2 : option === 'count' ? 1 : 0)
  return variants.sort((one, other) => rank(one) - rank(other))
}

function comment({ container, slots, spec }: Method): string[] {
  const sentence = /[.!?]$/.test(spec.summary) ? spec.summary : `${spec.summary}.`
  const lines = [sentence, '', `\`${commandSyntax(spec, container?.toUpperCase())}\``]
  if (slots === null) lines.push('', 'Its arguments are given as they are sent.')
  if (spec.deprecatedSince !== undefined && spec.replacedBy !== undefined) {
    lines.push('', `@deprecated ${spec.replacedBy}`)
  }
  return ['/**', ...lines.flatMap(wrapped).map((line) => ` * ${line}`.trimEnd()), ' */']
}

/** A text in lines that fit. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line.length + word.length > 90) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line]
}

function signatures(method: Method): string[] {
  const { slots } = method
  const variants = variantsOf(method)
  if (slots === null) {
    return [`${method.name}(...args: readonly Argument[]): Answer<T, M, ${variants.at(-1)!.reply}>`]
  }
  if (variants.some(({ option }) => option === 'count'))
    countVariants = new Set([...countVariants, slots])
  const lists = slots.some((slot) => slot.kind === 'many' && slot.args.length > 1)
  const isFlat = slots.some((s) => s.kind === 'many' && s.args.length > 1 && !s.isCounted)
  const forms = lists ? (isFlat ? [false, true] : [false]) : [false]
  return variants.flatMap((variant) =>
    forms.map((asFlat) => {
      const list = parameters(slots, variant, asFlat)
      return `${method.name}(${list}): Answer<T, M, ${variant.reply}>`
    }),
  )
}

function interfaceName(group: string): string {
  return `${group
    .split('-')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')}Commands`
}

/** The files, by their names. */
export function storeTypes(methods: readonly Method[]): Map<string, string> {
  const files = new Map<string, string>()
  const groups = [...new Set(methods.map(({ spec }) => spec.group))].sort()
  for (const group of groups) files.set(`${group}.ts`, groupFile(group, methods))
  files.set('all.ts', allFile(groups))
  return files
}

function groupFile(group: CommandGroup, methods: readonly Method[]): string {
  const own = methods
    .filter(({ spec }) => spec.group === group)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const body = own.flatMap((method) => [...comment(method), ...signatures(method)])
  const text = body.map((line) => `  ${line}`).join('\n')
  const names = (from: readonly string[]) => from.filter((name) => text.match(`\\b${name}\\b`))
  const types = [
    'Answer',
    ...names(['Integer', 'OneOrMore', 'Pairs', 'PairsInput', 'ScoresInput']),
    'Mode',
  ]
  const sorted = types.sort().join(', ')
  const imports = [`import type { ${sorted} } from '../command-types.ts'`]
  if (text.includes('Argument')) imports.push("import type { Argument } from '../request.ts'")
  if (/\bValue\b/.test(text)) imports.push("import type { Value } from '../value-reply.ts'")
  return `/**
 * The methods of the commands of the group \`${group}\`. This file is written by
 * \`npm run docs\` from the declarations in \`src/commands\`.
 */
${imports.join('\n')}

export interface ${interfaceName(group)}<T, M extends Mode> {
${text}
}
`
}

function allFile(groups: readonly CommandGroup[]): string {
  const imports = groups.map(
    (group) => `import type { ${interfaceName(group)} } from './${group}.ts'`,
  )
  const parents = groups.map((group) => `    ${interfaceName(group)}<T, M>`)
  return `/**
 * The methods of all commands. This file is written by \`npm run docs\`.
 *
 * \`T\` is what strings are answered as, \`M\` how a method answers.
 */
import type { Mode } from '../command-types.ts'
${imports.join('\n')}

export interface StoreCommands<T, M extends Mode>
  extends
${parents.join(',\n')} {}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of storeTypes(METHODS)) {
    writeFileSync(join(process.cwd(), STORE_TYPES_PATH, name), text)
  }
}
