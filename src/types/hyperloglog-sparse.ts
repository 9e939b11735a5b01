/**
 * The sparse form of a HyperLogLog: runs of equal registers, as most are zero while few elements
 * have been added. It is read opcode by opcode:
 *
 * | opcode | bits              | registers                            | value             |
 * |--------|-------------------|--------------------------------------|-------------------|
 * | ZERO   | 00llllll          | l + 1, so 1 to 64                    | 0                 |
 * | XZERO  | 01llllll llllllll | l + 1 (high bits first), 1 to 16384  | 0                 |
 * | VAL    | 1vvvvvll          | l + 1, so 1 to 4                     | v + 1, so 1 to 32 |
 *
 * The opcodes of a sound one cover 16384 registers exactly. The bytes come from users, who may have
 * stored anything: every function takes the end of the opcodes and reads nothing beyond it, and
 * says by its result that something does not add up. An XZERO without its second byte is corrupted.
 */

import { setDenseRegister } from './hyperloglog-dense.ts'
import { REGISTERS } from './hyperloglog-hash.ts'

/** The highest value that the sparse form can have. */
const SPARSE_MAX_VALUE = 32
const VAL_MAX_RUN = 4
const ZERO_MAX_RUN = 64

const KIND_MASK = 0xc0
const XZERO = 0x40
const VAL = 0x80

/** The opcodes of REGISTERS registers can't take more bytes than this. */
export const SPARSE_OPCODES_MAX_BYTES = 2 * REGISTERS
/** Opcodes that one change of a register leaves to be looked through for equal neighbours. */
const MERGE_SCAN_OPCODES = 5

function isVal(opcode: number): boolean {
  return (opcode & VAL) !== 0
}

function isXzero(opcode: number): boolean {
  return (opcode & KIND_MASK) === XZERO
}

/** The opcode VAL. */
function valOpcode(value: number, run: number): number {
  return VAL | ((value - 1) << 2) | (run - 1)
}

function runValue(opcode: number): number {
  return ((opcode >>> 2) & 31) + 1
}

/** Number of registers of the opcode at `at`; 0 if it is cut off by `end`. */
function runAt(bytes: Uint8Array, at: number, end: number): number {
  const opcode = bytes[at]!
  if (isVal(opcode)) return (opcode & 3) + 1
  if (!isXzero(opcode)) return (opcode & 63) + 1
  return at + 1 < end ? (((opcode & 63) << 8) | bytes[at + 1]!) + 1 : 0
}

/**
 * Calls `visit` with each run of registers that are not zero.
 *
 * @returns whether the opcodes are sound; `visit` never gets registers that do not exist
 */
function eachRun(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (index: number, run: number, value: number) => void,
): boolean {
  if (end - start > SPARSE_OPCODES_MAX_BYTES) return false
  let index = 0
  for (let at = start; at < end; ) {
    const run = runAt(bytes, at, end)
    if (run === 0 || index + run > REGISTERS) return false
    const opcode = bytes[at]!
    if (isVal(opcode)) visit(index, run, runValue(opcode))
    index += run
    at += isXzero(opcode) ? 2 : 1
  }
  return index === REGISTERS
}

/**
 * Adds to `histogram[v]`, of 64 elements, the number of registers that are v.
 *
 * @returns whether the opcodes are sound; if not, the histogram is of no use
 */
export function addSparseHistogram(
  bytes: Uint8Array,
  start: number,
  end: number,
  histogram: Int32Array,
): boolean {
  let zeros = REGISTERS
  const isSound = eachRun(bytes, start, end, (_, run, value) => {
    histogram[value]! += run
    zeros -= run
  })
  histogram[0]! += zeros
  return isSound
}

/** Raises the registers in `maximum`, a byte each. @returns whether the opcodes are sound */
export function mergeSparse(
  bytes: Uint8Array,
  start: number,
  end: number,
  maximum: Uint8Array,
): boolean {
  return eachRun(bytes, start, end, (index, run, value) => {
    for (let i = index; i < index + run; i++) if (value > maximum[i]!) maximum[i] = value
  })
}

/**
 * Writes the same registers in the dense form, over zeros.
 *
 * @returns whether the opcodes are sound; if not, a part may have been written
 */
export function sparseToDense(
  bytes: Uint8Array,
  start: number,
  end: number,
  dense: Uint8Array,
  denseStart: number,
): boolean {
  return eachRun(bytes, start, end, (index, run, value) => {
    for (let i = index; i < index + run; i++) setDenseRegister(dense, denseStart, i, value)
  })
}

/**
 * The opcodes as text, as PFDEBUG DECODE shows them: `z:` ZERO, `Z:` XZERO, `v:value,run`.
 *
 * @returns null if there are more than a sound one has, or the last is cut off
 */
export function decodeSparse(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > SPARSE_OPCODES_MAX_BYTES) return null
  const words: string[] = []
  for (let at = start; at < end; ) {
    const opcode = bytes[at]!
    const run = runAt(bytes, at, end)
    if (run === 0) return null
    if (isVal(opcode)) words.push(`v:${runValue(opcode)},${run}`)
    else words.push(`${isXzero(opcode) ? 'Z' : 'z'}:${run}`)
    at += isXzero(opcode) ? 2 : 1
  }
  return words.join(' ')
}

/** The register had that value, or a higher one, already. */
export const UNCHANGED = 0
export const CHANGED = 1
/** The change can't be made in the sparse form, or would make it too long; nothing was done. */
export const NEEDS_DENSE = 2
/** The opcodes do not reach the register, or one is cut off; nothing was done. */
export const CORRUPTED = 3
export type SparseResult = typeof UNCHANGED | typeof CHANGED | typeof NEEDS_DENSE | typeof CORRUPTED

/**
 * Opcodes that are being changed, in memory that has room for what they may grow to.
 *
 * Which opcodes there are after a change is part of the format, as GET shows them: a run is split
 * where the register lies, and then equal VAL neighbours are joined as far as Redis joins them,
 * beginning with the opcode before the changed one.
 */
export class SparseEditor {
  readonly bytes: Uint8Array
  readonly start: number
  /** Where the opcodes end (exclusive). */
  end: number
  /**
   * Where the next search may begin, if it is for a higher register: an opcode that the last
   * change has left alone, and the first register that it covers.
   */
  private resumeAt: number
  private resumeRegister = 0
  private readonly sequence = new Uint8Array(5)
  private sequenceBytes = 0

  /** @param start where the opcodes begin in `bytes`, which can hold as many as are sound */
  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes
    this.start = start
    this.end = start
    this.resumeAt = start
  }

  /** Starts anew with opcodes that somebody has written, or with a search from the beginning. */
  rewind(end = this.end): void {
    this.end = end
    this.resumeAt = this.start
    this.resumeRegister = 0
  }

  /**
   * Raises a register to `value` if it is lower. Since the last `rewind`, only lower registers may
   * have been raised.
   *
   * @param maxBytes what the opcodes may take, if they have to become longer
   */
  raise(index: number, value: number, maxBytes: number): SparseResult {
    if (value > SPARSE_MAX_VALUE) return NEEDS_DENSE
    const { bytes, end } = this
    let at = this.resumeAt
    let first = this.resumeRegister
    // The opcode before the one at `at`, and the one before that; at first they are the same.
    let previous = at
    let previousFirst = first
    let before = at
    let beforeFirst = first
    let run = 0
    // The hot loop of sparse ones, which is why the opcodes are taken apart in place.
    while (at < end) {
      const opcode = bytes[at]!
      let opcodeBytes = 1
      if (isVal(opcode)) {
        run = (opcode & 3) + 1
      } else if (!isXzero(opcode)) {
        run = opcode + 1
      } else {
        if (at + 1 >= end) return CORRUPTED
        run = (((opcode & 63) << 8) | bytes[at + 1]!) + 1
        opcodeBytes = 2
      }
      if (index < first + run) break
      before = previous
      beforeFirst = previousFirst
      previous = at
      previousFirst = first
      first += run
      at += opcodeBytes
    }
    if (at >= end) return CORRUPTED
    this.resumeAt = before
    this.resumeRegister = beforeFirst
    const opcode = bytes[at]!
    if (isVal(opcode) && runValue(opcode) >= value) return UNCHANGED
    if (run === 1 && !isXzero(opcode)) {
      bytes[at] = valOpcode(value, 1)
    } else {
      this.split(opcode, run, index - first, value)
      const oldBytes = isXzero(opcode) ? 2 : 1
      const growth = this.sequenceBytes - oldBytes
      if (growth > 0 && end - this.start + growth > maxBytes) return NEEDS_DENSE
      if (end + growth > bytes.length) return CORRUPTED
      if (growth !== 0) bytes.copyWithin(at + this.sequenceBytes, at + oldBytes, end)
      for (let i = 0; i < this.sequenceBytes; i++) bytes[at + i] = this.sequence[i]!
      this.end = end + growth
    }
    this.join(previous)
    return CHANGED
  }

  /** Writes the opcodes in which the register `offset` of a run has another value. */
  private split(opcode: number, run: number, offset: number, value: number): void {
    this.sequenceBytes = 0
    this.append(opcode, offset)
    this.sequence[this.sequenceBytes++] = valOpcode(value, 1)
    this.append(opcode, run - offset - 1)
  }

  /** Appends a run of registers of the same value as those of `opcode`. */
  private append(opcode: number, run: number): void {
    if (run === 0) return
    const { sequence } = this
    if (isVal(opcode)) {
      sequence[this.sequenceBytes++] = valOpcode(runValue(opcode), run)
    } else if (run > ZERO_MAX_RUN) {
      sequence[this.sequenceBytes++] = XZERO | ((run - 1) >>> 8)
      sequence[this.sequenceBytes++] = run - 1
    } else {
      sequence[this.sequenceBytes++] = run - 1
    }
  }

  /** Joins equal VAL opcodes from `at` on, as far as Redis would. */
  private join(from: number): void {
    const { bytes } = this
    let at = from
    for (let left = MERGE_SCAN_OPCODES; left > 0 && at < this.end; left--) {
      const opcode = bytes[at]!
      if (!isVal(opcode)) {
        at += isXzero(opcode) ? 2 : 1
        continue
      }
      if (at + 1 < this.end && isVal(bytes[at + 1]!)) {
        const next = bytes[at + 1]!
        const run = (opcode & 3) + (next & 3) + 2
        if (runValue(opcode) === runValue(next) && run <= VAL_MAX_RUN) {
          bytes[at] = valOpcode(runValue(opcode), run)
          bytes.copyWithin(at + 1, at + 2, this.end)
          this.end--
          continue
        }
      }
      at++
    }
  }
}
