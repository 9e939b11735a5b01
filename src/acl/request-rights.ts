/**
 * What a request needs the right to, worked out once for each command from its declaration: where
 * its keys and its channels are among the arguments, and what is done to them.
 *
 * Nearly all commands have their keys in ranges that begin at a fixed place; going through those
 * makes no object. The few others (a number of keys as an argument, a keyword, keys by the
 * command's own function) take the general way of COMMAND GETKEYS.
 */
import type { KeySpec } from '../commands/command.ts'
import type { Command } from '../commands/command-table.ts'
import { hasKeys, type KeyUse, keysOf, variableUse } from '../commands/key-specs.ts'
import type { Args } from '../resp/args.ts'
import { READ, WRITE } from './selector.ts'

/** Keys from one place to another. */
interface KeyRange {
  readonly begin: number
  /** Relative to the first key; negative counts from the end of the arguments. */
  readonly last: number
  readonly step: number
  readonly limit: number
  /** READ and WRITE, as the keys are used; 0 if it is enough that they may be named. */
  readonly needed: number
}

/** Which arguments are channels, and whether they are patterns. */
export interface Channels {
  readonly isPattern: boolean
  /** Only the first argument, instead of all of them. */
  readonly isOne: boolean
}

const CHANNELS = new Map<string, Channels>([
  ['subscribe', { isPattern: false, isOne: false }],
  ['ssubscribe', { isPattern: false, isOne: false }],
  ['psubscribe', { isPattern: true, isOne: false }],
  ['publish', { isPattern: false, isOne: true }],
  ['spublish', { isPattern: false, isOne: true }],
])

/** The rights that a use of a key needs. */
function neededFor(use: KeyUse): number {
  const { intent } = use
  if (intent === undefined) return 0
  if (typeof intent === 'string') return intent === 'access' ? READ : WRITE
  let needed = 0
  for (let i = 0; i < intent.length; i++) needed |= intent[i] === 'access' ? READ : WRITE
  return needed
}

export class RequestRights {
  /** Places of the keys of the request last looked at, and what each needs. */
  count = 0
  places = new Int32Array(16)
  needed = new Uint8Array(16)
  readonly channels: Channels | null
  readonly hasKeys: boolean
  /** Index of the key of a command that always has just one; else 0. */
  readonly onlyPlace: number
  private readonly onlyNeeded: number
  private readonly command: Command
  /** Null if the keys have to be found the general way. */
  private readonly ranges: readonly KeyRange[] | null
  /** Says of a request what it does to its only key, where that depends on the options. */
  private readonly useOf: ((args: Args) => KeyUse) | null

  constructor(command: Command) {
    this.command = command
    this.channels = CHANNELS.get(command.fullName) ?? null
    this.hasKeys = hasKeys(command.spec)
    const specs = (command.spec.keys ?? []).filter((spec) => !spec.flags?.includes('not_key'))
    this.useOf = variableUse(command.spec)
    this.ranges = specs.every(isPlainRange) ? specs.map(rangeOf) : null
    if (command.spec.findKeys !== undefined && specs.length === 0) this.ranges = null
    const range = this.ranges?.length === 1 ? this.ranges[0]! : null
    const isOne = range !== null && range.last === 0
    this.onlyPlace = this.useOf !== null ? 1 : isOne ? range.begin : 0
    this.onlyNeeded = isOne ? range.needed : 0
  }

  /** What the only key needs, where there is one. */
  neededForOnly(args: Args): number {
    return this.useOf === null ? this.onlyNeeded : neededFor(this.useOf(args))
  }

  /** Finds the keys of a request; none where they cannot be told, as in Redis. */
  find(args: Args): void {
    this.count = 0
    const { ranges } = this
    if (ranges === null) return this.findSlowly(args)
    for (let i = 0; i < ranges.length; i++) {
      if (!this.addRange(ranges[i]!, args.count)) return this.findSlowly(args)
    }
  }

  /** @returns false if the range does not lie within the arguments */
  private addRange({ begin, last, limit, needed, step }: KeyRange, count: number): boolean {
    let end = begin + last
    // None are given of what may be left out. Redis sees no keys at all then, in `PFMERGE key`.
    if (last === -1 && begin === count) return true
    if (last < 0) {
      const share = limit === 0 ? count : begin + Math.floor((count - begin) / limit)
      end = share + last
    }
    if (end >= count || end < begin || begin >= count) return false
    for (let i = begin; i <= end; i += step) this.add(i, needed)
    return true
  }

  private add(place: number, needed: number): void {
    if (this.count === this.places.length) this.grow()
    this.places[this.count] = place
    this.needed[this.count] = needed
    this.count++
  }

  private grow(): void {
    const { needed, places } = this
    this.places = new Int32Array(places.length * 2)
    this.places.set(places)
    this.needed = new Uint8Array(needed.length * 2)
    this.needed.set(needed)
  }

  private findSlowly(args: Args): void {
    this.count = 0
    for (const { index, use } of keysOf(this.command.spec, args) ?? []) {
      this.add(index, neededFor(use))
    }
  }
}

function isPlainRange(spec: KeySpec): boolean {
  const { begin, flags, keyNumber, unknown } = spec
  if (typeof begin !== 'number' || keyNumber !== undefined || unknown === true) return false
  return !flags?.includes('incomplete') && !flags?.includes('variable_flags')
}

function rangeOf(spec: KeySpec): KeyRange {
  const { begin, last = 0, limit = 0, step = 1 } = spec
  return { begin: begin as number, last, limit, step, needed: neededFor(spec) }
}
