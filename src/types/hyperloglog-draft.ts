/**
 * A HyperLogLog that is being changed, in memory of its own: it is made from the bytes of a sparse
 * one, or empty, takes any number of changes, becomes dense when one asks for it, and is then
 * stored as a whole. Until that is done nothing has changed, whatever goes wrong.
 *
 * One of a few kilobytes is copied in less time than its opcodes are searched. One that is dense
 * already can be changed where it is, and needs no draft.
 */
import {
  DENSE_BYTES,
  dropCount,
  HEADER_BYTES,
  writeDenseHeader,
  writeEmpty,
} from './hyperloglog.ts'
import { raiseDenseRegister, raiseDenseRegisters } from './hyperloglog-dense.ts'
import { REGISTERS } from './hyperloglog-hash.ts'
import {
  CHANGED,
  CORRUPTED,
  NEEDS_DENSE,
  SPARSE_OPCODES_MAX_BYTES,
  SparseEditor,
  type SparseResult,
  sparseToDense,
  UNCHANGED,
} from './hyperloglog-sparse.ts'

export class HyperLogLogDraft {
  /** The bytes, from 0 to `length`. */
  bytes: Uint8Array
  view: DataView
  length = 0
  private readonly sparse = new Uint8Array(HEADER_BYTES + SPARSE_OPCODES_MAX_BYTES)
  private readonly sparseView = new DataView(this.sparse.buffer)
  private readonly dense = new Uint8Array(DENSE_BYTES)
  private readonly denseView = new DataView(this.dense.buffer)
  private readonly editor = new SparseEditor(this.sparse, HEADER_BYTES)

  constructor() {
    this.bytes = this.sparse
    this.view = this.sparseView
  }

  get isDense(): boolean {
    return this.bytes === this.dense
  }

  /** Begins with an empty one. */
  begin(): void {
    this.useSparse(writeEmpty(this.sparse, this.sparseView))
  }

  /** Begins with a sparse one. @returns false if it is longer than any that is sound */
  load(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > this.sparse.length) return false
    this.sparse.set(bytes.subarray(start, end))
    this.useSparse(end - start)
    return true
  }

  private useSparse(length: number): void {
    this.bytes = this.sparse
    this.view = this.sparseView
    this.length = length
    this.editor.rewind(length)
  }

  /**
   * Raises a register to `value` if it is lower.
   *
   * @param maxBytes the length up to which it stays sparse
   * @returns UNCHANGED, CHANGED, or CORRUPTED if the opcodes turn out not to add up
   */
  raise(index: number, value: number, maxBytes: number): SparseResult {
    this.editor.rewind()
    return this.raiseNext(index, value, maxBytes)
  }

  /** The same, where only lower registers have been raised since the editor was rewound. */
  private raiseNext(index: number, value: number, maxBytes: number): SparseResult {
    if (!this.isDense) {
      const result = this.editor.raise(index, value, maxBytes - HEADER_BYTES)
      if (result === CHANGED) {
        this.length = this.editor.end
        dropCount(this.bytes, 0)
      }
      if (result !== NEEDS_DENSE) return result
      if (!this.makeDense()) return CORRUPTED
    }
    return raiseDenseRegister(this.dense, HEADER_BYTES, index, value) ? CHANGED : UNCHANGED
  }

  /**
   * Raises each register to the one in `maximum`, a byte each of 0 to 63, from the first on, and
   * drops the count.
   *
   * @returns false if it turns out to be corrupted
   */
  raiseAll(maximum: Uint8Array, maxBytes: number): boolean {
    this.editor.rewind()
    for (let i = 0; i < REGISTERS && !this.isDense; i++) {
      const value = maximum[i]!
      if (value !== 0 && this.raiseNext(i, value, maxBytes) === CORRUPTED) return false
    }
    if (this.isDense) raiseDenseRegisters(this.dense, HEADER_BYTES, maximum)
    dropCount(this.bytes, 0)
    return true
  }

  /** Turns a sparse one dense; its count stays. @returns false if it is corrupted */
  makeDense(): boolean {
    const { sparse, dense } = this
    writeDenseHeader(sparse, 0, dense)
    dense.fill(0, HEADER_BYTES)
    if (!sparseToDense(sparse, HEADER_BYTES, this.length, dense, HEADER_BYTES)) return false
    this.bytes = dense
    this.view = this.denseView
    this.length = DENSE_BYTES
    return true
  }
}
