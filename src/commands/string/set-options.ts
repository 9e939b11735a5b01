/**
 * The options of SET and GETEX. Each may be repeated; those that contradict each other are a syntax
 * error, and so is all that is not an option of the command (Redis 7.2, and IFEQ as in Valkey 9).
 */
import type { Args } from '../../resp/args.ts'
import { SYNTAX_ERROR } from '../errors.ts'

export const NX = 1
export const XX = 2
export const IFEQ = 4
export const GET = 8
export const EX = 16
export const PX = 32
export const EXAT = 64
export const PXAT = 128
export const KEEPTTL = 256
export const PERSIST = 512

const CONDITIONS = NX | XX | IFEQ
const EXPIRATIONS = EX | PX | EXAT | PXAT | KEEPTTL | PERSIST
/** Options with an argument. */
const WITH_ARGUMENT = IFEQ | EX | PX | EXAT | PXAT

/** An option: its word, its bit, and the bits that must not be set when it comes. */
type Option = readonly [word: string, bit: number, excludes: number]

const TIMES: readonly Option[] = [
  ['ex', EX, EXPIRATIONS & ~EX],
  ['px', PX, EXPIRATIONS & ~PX],
  ['exat', EXAT, EXPIRATIONS & ~EXAT],
  ['pxat', PXAT, EXPIRATIONS & ~PXAT],
]

export const SET_OPTIONS: readonly Option[] = [
  ['nx', NX, CONDITIONS & ~NX],
  ['xx', XX, CONDITIONS & ~XX],
  ['ifeq', IFEQ, CONDITIONS],
  ['get', GET, 0],
  ['keepttl', KEEPTTL, EXPIRATIONS & ~KEEPTTL],
  ...TIMES,
]

export const GETEX_OPTIONS: readonly Option[] = [
  ['persist', PERSIST, EXPIRATIONS & ~PERSIST],
  ...TIMES,
]

/** What was parsed last: one object, used again and again. */
export const parsed = {
  /** The bits of the options that were given. */
  bits: 0,
  /** The argument that is the time of EX, PX, EXAT or PXAT. */
  timeIndex: 0,
  /** The argument that IFEQ compares with. */
  comparisonIndex: 0,
}

/** Parses the arguments from `index` on into `parsed`. @throws SYNTAX_ERROR */
export function parseOptions(args: Args, index: number, options: readonly Option[]): void {
  parsed.bits = 0
  for (let i = index; i < args.count; i++) {
    const option = findOption(args, i, options)
    if (option === null || (parsed.bits & option[2]) !== 0) throw SYNTAX_ERROR
    parsed.bits |= option[1]
    if ((option[1] & WITH_ARGUMENT) === 0) continue
    if (++i === args.count) throw SYNTAX_ERROR
    if (option[1] === IFEQ) parsed.comparisonIndex = i
    else parsed.timeIndex = i
  }
}

function findOption(args: Args, index: number, options: readonly Option[]): Option | null {
  for (let i = 0; i < options.length; i++) {
    if (args.is(index, options[i]![0])) return options[i]!
  }
  return null
}
