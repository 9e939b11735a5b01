/**
 * From the arguments of a method to those of its request, by the shape of the command. Lists may be
 * given as arrays or one by one, pairs as an object, a `Map`, an array of pairs or one by one.
 */
import type { ArgSpec } from '../commands/command.ts'
import type { OptionField, Slot } from './method-shape.ts'
import type { Argument } from './request.ts'

/** Takes the arguments of a request, one by one. */
export interface ArgumentSink {
  add(argument: Argument): void
}

type OptionValues = { readonly [token: string]: unknown }

/** Whether a value is an object by itself, options or pairs, and none that means something else. */
function isObject(value: unknown): value is OptionValues {
  return Object.prototype.toString.call(value) === '[object Object]'
}

function isNeeded(slot: Slot): boolean {
  if (slot.kind === 'many') return !slot.isOptional
  return slot.kind === 'one' || slot.kind === 'word'
}

/** Adds what a method was called with. @throws TypeError if that fits the command in no way */
export function addArguments(
  slots: readonly Slot[],
  given: readonly unknown[],
  sink: ArgumentSink,
): void {
  let needed = 0
  for (const slot of slots) if (isNeeded(slot)) needed++
  const last = given[given.length - 1]
  const hasOptions = given.length > needed && isObject(last)
  let end = hasOptions ? given.length - 1 : given.length
  while (end > needed && given[end - 1] === undefined) end--
  const values = hasOptions ? (last as OptionValues) : null
  if (values !== null) checkNames(slots, values)
  let next = 0
  for (const slot of slots) {
    if (isNeeded(slot)) needed--
    if (slot.kind === 'options') {
      if (values !== null) for (const field of slot.fields) addOption(field, values, sink)
    } else if (slot.kind === 'many') {
      next = addMany(slot, given, next, end - needed, sink)
    } else if (next < end) {
      sink.add(given[next++] as Argument)
    } else if (slot.kind === 'one') {
      throw new TypeError(`an argument is missing: ${slot.arg.name}`)
    } else if (slot.kind === 'word') {
      throw new TypeError(`an argument is missing: ${slot.words.join(' or ')}`)
    }
  }
  if (next < end) throw new TypeError(`too many arguments: ${end - next} more than there may be`)
}

function checkNames(slots: readonly Slot[], values: OptionValues): void {
  for (const name of Object.keys(values)) {
    const isKnown = slots.some(
      (slot) => slot.kind === 'options' && slot.fields.some(({ token }) => token === name),
    )
    if (!isKnown) throw new TypeError(`there is no option '${name}'`)
  }
}

function addOption(field: OptionField, values: OptionValues, sink: ArgumentSink): void {
  const { isMultiple, isRepeated, token } = field
  const value = values[token]
  if (value === undefined || value === false || value === null) return
  if (field.values.length === 0) return sink.add(token)
  const list = (Array.isArray(value) ? value : [value]) as readonly Argument[]
  if (!isMultiple && list.length !== field.values.length) {
    throw new TypeError(`the option ${token} takes ${field.values.length} values`)
  }
  if (!isRepeated) sink.add(token)
  for (const each of list) {
    if (isRepeated) sink.add(token)
    sink.add(each)
  }
}

/** Adds a list from `given`, which ends at `end`. @returns the index of the next argument */
function addMany(
  slot: Slot & { kind: 'many' },
  given: readonly unknown[],
  start: number,
  end: number,
  sink: ArgumentSink,
): number {
  const { args, isCounted, token } = slot
  const size = args.length
  if (start >= end) {
    if (slot.isOptional) return start
    throw new TypeError(`an argument is missing: ${args[0]!.name}`)
  }
  const first = given[start]
  // Plain values, as on the wire.
  if (!isCounted && token === null && !isList(first)) {
    let next = start
    for (; next < end; next++) addFlat(given[next], sink)
    return next
  }
  const elements = isList(first) ? elementsOf(first, args) : [given.slice(start, end)].flat()
  if (token !== null) sink.add(token)
  if (isCounted) sink.add(elements.length / size)
  for (const element of elements) sink.add(element as Argument)
  if (!isList(first)) return end
  let next = start + 1
  // Several arrays, or values behind the first.
  for (; next < end && !isCounted; next++) addFlat(given[next], sink)
  return next
}

function addFlat(value: unknown, sink: ArgumentSink): void {
  if (Array.isArray(value)) for (const each of value) sink.add(each as Argument)
  else sink.add(value as Argument)
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map || isObject(value)
}

/** The values of a list, of pairs or of longer rows, one behind the other as they are sent. */
function elementsOf(list: unknown, args: readonly ArgSpec[]): unknown[] {
  if (Array.isArray(list)) return list.flat()
  if (args.length !== 2) throw new TypeError(`${args[0]!.name}: a list is wanted, not pairs`)
  const entries = list instanceof Map ? list.entries() : Object.entries(list as OptionValues)
  const isSwapped = isNamedLast(args)
  const flat: unknown[] = []
  for (const [name, value] of entries) {
    if (isSwapped) flat.push(value, name)
    else flat.push(name, value)
  }
  return flat
}

/** Whether of a pair the second names the first, as the member does its score. */
export function isNamedLast(args: readonly { readonly name: string }[]): boolean {
  return args[1]?.name === 'member'
}
