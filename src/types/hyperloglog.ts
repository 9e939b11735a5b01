/**
 * HyperLogLog: how many different elements have been added, to within 0.81 %, in 12 KB at most
 * (Flajolet, Fusy, Gandouet and Meunier, 2007). An element's hash chooses one of 16384 registers,
 * and the register keeps the longest run of zero bits seen in the rest of the hashes.
 *
 * The bytes are those of Redis 7, so that sketches can be carried over by GET and SET, and merged:
 *
 * | offset | bytes | meaning                                                                     |
 * |--------|-------|-----------------------------------------------------------------------------|
 * | 0      | 4     | HYLL                                                                        |
 * | 4      | 1     | form: 0 dense, 1 sparse                                                     |
 * | 5      | 3     | unused, zero                                                                |
 * | 8      | 8     | the last count, uint64 little endian; void if its highest bit is set        |
 * | 16     |       | 12288 bytes of registers (hyperloglog-dense.ts), or opcodes for runs of     |
 * |        |       | them (hyperloglog-sparse.ts)                                                |
 *
 * The count comes from the histogram of the registers alone, by the estimator of Otmar Ertl (New
 * cardinality estimation algorithms for HyperLogLog sketches, 2017), without corrections for small
 * or large counts. Its sums are made in Redis's order, so that the results agree to the last digit.
 */
import { addDenseHistogram, DENSE_REGISTER_BYTES, mergeDense } from './hyperloglog-dense.ts'
import { REGISTERS, RUN_BITS } from './hyperloglog-hash.ts'
import { addSparseHistogram, mergeSparse } from './hyperloglog-sparse.ts'

export const HEADER_BYTES = 16
export const DENSE_BYTES = HEADER_BYTES + DENSE_REGISTER_BYTES
export const DENSE = 0
export const SPARSE = 1

/** HYLL as a little endian word. */
const MAGIC = 0x4c4c5948
const FORM_AT = 4
const COUNT_AT = 8
/** The byte of the count with the bit that says that it is void. */
const VOID_AT = 15
const VOID_BIT = 0x80

/** 1 / (2 ln 2), the limit of the estimator's constant for many registers. */
const ALPHA_INFINITY = 0.7213475204444817
const HIGH_WORD = 4294967296
/** What Redis on x86-64 makes of an infinite estimate, which only made-up registers have. */
const NO_ESTIMATE = -(2n ** 63n)

const histogram = new Int32Array(64)

/** Whether bytes have the header of a HyperLogLog, and the right length if it is dense. */
export function isHyperLogLog(view: DataView, start: number, end: number): boolean {
  const length = end - start
  if (length < HEADER_BYTES || view.getInt32(start, true) !== MAGIC) return false
  const form = view.getUint8(start + FORM_AT)
  return form === SPARSE || (form === DENSE && length === DENSE_BYTES)
}

/** DENSE or SPARSE, of what `isHyperLogLog`. */
export function formOf(bytes: Uint8Array, start: number): number {
  return bytes[start + FORM_AT]!
}

/** Writes an empty sparse one, all but its header's form and count zero. @returns its length */
export function writeEmpty(bytes: Uint8Array, view: DataView): number {
  bytes.fill(0, 0, HEADER_BYTES)
  view.setInt32(0, MAGIC, true)
  bytes[FORM_AT] = SPARSE
  // One XZERO for all registers.
  bytes[HEADER_BYTES] = 0x7f
  bytes[HEADER_BYTES + 1] = 0xff
  return HEADER_BYTES + 2
}

/** Copies a sparse one's header to the beginning of `target`, for the same in the dense form. */
export function writeDenseHeader(source: Uint8Array, start: number, target: Uint8Array): void {
  for (let i = 0; i < HEADER_BYTES; i++) target[i] = source[start + i]!
  target[FORM_AT] = DENSE
}

export function hasCount(bytes: Uint8Array, start: number): boolean {
  return (bytes[start + VOID_AT]! & VOID_BIT) === 0
}

/** Says that the count that is kept no longer holds. */
export function dropCount(bytes: Uint8Array, start: number): void {
  bytes[start + VOID_AT]! |= VOID_BIT
}

/** The count that is kept: a number within 2^53, else a bigint. */
export function keptCount(view: DataView, start: number): number | bigint {
  const count = view.getBigUint64(start + COUNT_AT, true)
  return count <= Number.MAX_SAFE_INTEGER ? Number(count) : count
}

export function keepCount(view: DataView, start: number, count: number | bigint): void {
  if (typeof count === 'bigint') {
    view.setBigInt64(start + COUNT_AT, count, true)
  } else {
    view.setInt32(start + COUNT_AT, count | 0, true)
    view.setInt32(start + COUNT_AT + 4, Math.floor(count / HIGH_WORD), true)
  }
}

/** Counts from the registers. @returns null if the sparse form is corrupted */
export function countRegisters(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | bigint | null {
  histogram.fill(0)
  const from = start + HEADER_BYTES
  if (formOf(bytes, start) === DENSE) addDenseHistogram(bytes, from, histogram)
  else if (!addSparseHistogram(bytes, from, end, histogram)) return null
  return estimate(histogram)
}

/** Counts from registers of a byte each, from 0 to 63. */
export function countPlainRegisters(registers: Uint8Array): number | bigint {
  histogram.fill(0)
  for (let i = 0; i < REGISTERS; i++) histogram[registers[i]!]!++
  return estimate(histogram)
}

/**
 * Raises each of the registers in `maximum`, a byte each, to the one in a HyperLogLog.
 *
 * @returns false if its sparse form is corrupted; `maximum` is then of no use
 */
export function mergeRegisters(
  bytes: Uint8Array,
  start: number,
  end: number,
  maximum: Uint8Array,
): boolean {
  const from = start + HEADER_BYTES
  if (formOf(bytes, start) === SPARSE) return mergeSparse(bytes, from, end, maximum)
  mergeDense(bytes, from, maximum)
  return true
}

/**
 * The number of elements that registers speak of.
 *
 * @param counts at v, the number of registers that are v
 */
function estimate(counts: Int32Array): number | bigint {
  const m = REGISTERS
  let z = m * tau((m - counts[RUN_BITS + 1]!) / m)
  for (let value = RUN_BITS; value >= 1; value--) {
    z += counts[value]!
    z *= 0.5
  }
  z += m * sigma(counts[0]! / m)
  const result = (ALPHA_INFINITY * m * m) / z
  if (result === Number.POSITIVE_INFINITY) return NO_ESTIMATE
  // Half a count away from zero, as C rounds.
  const whole = Math.floor(result)
  const rounded = result - whole >= 0.5 ? whole + 1 : whole
  return rounded <= Number.MAX_SAFE_INTEGER ? rounded : BigInt(rounded)
}

/** Ertl's sigma: x + the sum of x^(2^k) 2^(k-1) for k from 1; infinite for 1. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let power = share
  let weight = 1
  let sum = share
  let before: number
  do {
    power *= power
    before = sum
    sum += power * weight
    weight += weight
  } while (before !== sum)
  return sum
}

/** Ertl's tau: a third of 1 - x - the sum of (1 - x^(2^-k))^2 2^-k for k from 1; 0 for 0 and 1. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let root = share
  let weight = 1
  let sum = 1 - share
  let before: number
  do {
    root = Math.sqrt(root)
    before = sum
    weight *= 0.5
    sum -= (1 - root) * (1 - root) * weight
  } while (before !== sum)
  return sum / 3
}
