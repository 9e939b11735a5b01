/**
 * The commands that are methods of a store, and the face that calls them at once.
 *
 * The methods lie on prototypes, made when this module is loaded; a face has the commands of its
 * own server, by the number of the method. A method whose call has nothing but values, as most
 * calls have, writes them without looking at the shape.
 */
import { COMMANDS } from '../commands/all.ts'
import type { CommandSpec } from '../commands/command.ts'
import type { Command } from '../commands/command-table.ts'
import { type Calls, REFUSED } from './call.ts'
import { addArguments } from './method-arguments.ts'
import { methodName, type Slot, shapeOf } from './method-shape.ts'
import type { Argument } from './request.ts'
import type { Value } from './value-reply.ts'

export interface Method {
  readonly name: string
  readonly spec: CommandSpec
  readonly container: string | null
  /** As `CommandTable.get` wants it: `config|get`. */
  readonly fullName: string
  /** Null if the arguments are given as they are sent. */
  readonly slots: readonly Slot[] | null
  /** With so many arguments, all of them are values in the order in which they are sent; or -1. */
  readonly plainCount: number
}

/** Commands that are called by their names only. */
const CALLED_ONLY = new Set(['command', 'debug', 'pfdebug', 'pfselftest', 'restore-asking', 'wait'])

function methodsOf(specs: readonly CommandSpec[], container: string | null): Method[] {
  const methods: Method[] = []
  for (const spec of specs) {
    const word = spec.name.toLowerCase()
    const fullName = container === null ? word : `${container}|${word}`
    if (spec.subcommands) methods.push(...methodsOf(spec.subcommands, word))
    const isLeftOut = REFUSED.has(fullName) || CALLED_ONLY.has(fullName) || word === 'help'
    if (spec.run === undefined || isLeftOut) continue
    const slots = shapeOf(spec)
    const name = methodName(spec, container)
    methods.push({ name, spec, container, fullName, slots, plainCount: plainCountOf(slots) })
  }
  return methods
}

function plainCountOf(slots: readonly Slot[] | null): number {
  if (slots === null) return -1
  const isPlain = slots.every((slot) => {
    if (slot.kind === 'options') return !slot.isNeeded
    return slot.kind === 'one' || slot.kind === 'word' || slot.kind === 'maybe'
  })
  return isPlain ? slots.filter(({ kind }) => kind === 'one' || kind === 'word').length : -1
}

export const METHODS: readonly Method[] = methodsOf(COMMANDS, null)

/** Adds the arguments that a method was called with to a request. @throws TypeError */
export function addGiven(
  { slots }: Method,
  given: readonly unknown[],
  sink: { add(argument: Argument): void },
): void {
  if (slots !== null) addArguments(slots, given, sink)
  else for (const argument of given) sink.add(argument as Argument)
}

/** What the methods of a face work on; not for users. */
export const CALLS = Symbol('calls')

/** A face of the store that answers strings, or bytes. */
export class Face {
  readonly [CALLS]: FaceCalls

  constructor(calls: Calls, asBytes: boolean) {
    this[CALLS] = new FaceCalls(calls, asBytes)
  }

  /**
   * Any command by its name, with its arguments one by one as they are sent.
   *
   * @throws StoreError
   */
  call(name: string, ...args: readonly Argument[]): Value {
    const { asBytes, calls } = this[CALLS]
    const command = calls.prepare(name, args)
    return calls.finish(command, asBytes)
  }
}

class FaceCalls {
  readonly calls: Calls
  readonly commands: readonly Command[]
  readonly asBytes: boolean

  constructor(calls: Calls, asBytes: boolean) {
    this.calls = calls
    this.asBytes = asBytes
    this.commands = METHODS.map(({ fullName }) => calls.commandOf(fullName))
  }

  run0(index: number): Value {
    const { asBytes, calls, commands } = this
    const command = commands[index]!
    calls.request.begin(command)
    return calls.finish(command, asBytes)
  }

  run1(index: number, first: Argument): Value {
    const { asBytes, calls, commands } = this
    const { request } = calls
    const command = commands[index]!
    request.begin(command)
    request.add(first)
    return calls.finish(command, asBytes)
  }

  run2(index: number, first: Argument, second: Argument): Value {
    const { asBytes, calls, commands } = this
    const { request } = calls
    const command = commands[index]!
    request.begin(command)
    request.add(first)
    request.add(second)
    return calls.finish(command, asBytes)
  }

  run3(index: number, first: Argument, second: Argument, third: Argument): Value {
    const { asBytes, calls, commands } = this
    const { request } = calls
    const command = commands[index]!
    request.begin(command)
    request.add(first)
    request.add(second)
    request.add(third)
    return calls.finish(command, asBytes)
  }

  run(index: number, given: readonly unknown[]): Value {
    const { asBytes, calls, commands } = this
    const { request } = calls
    const command = commands[index]!
    request.begin(command)
    addGiven(METHODS[index]!, given, request)
    return calls.finish(command, asBytes)
  }
}

function methodOf(index: number): (this: Face, ...given: never[]) => Value {
  switch (METHODS[index]!.plainCount) {
    case 0:
      return function (...given) {
        return given.length === 0 ? this[CALLS].run0(index) : this[CALLS].run(index, given)
      }
    case 1:
      return function (first: Argument, ...more: unknown[]) {
        const calls = this[CALLS]
        return more.length === 0 ? calls.run1(index, first) : calls.run(index, [first, ...more])
      }
    case 2:
      return function (first: Argument, second: Argument, ...more: unknown[]) {
        const calls = this[CALLS]
        if (more.length > 0) return calls.run(index, [first, second, ...more])
        return calls.run2(index, first, second)
      }
    case 3:
      return function (first: Argument, second: Argument, third: Argument, ...more: unknown[]) {
        const calls = this[CALLS]
        if (more.length > 0) return calls.run(index, [first, second, third, ...more])
        return calls.run3(index, first, second, third)
      }
    default:
      return function (...given) {
        return this[CALLS].run(index, given)
      }
  }
}

/** Puts a method for each command on a prototype, as it is made by `make`. */
export function addMethods(prototype: object, make: (index: number) => unknown): void {
  METHODS.forEach(({ name }, index) => {
    const value = make(index)
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true })
  })
}

addMethods(Face.prototype, methodOf)
