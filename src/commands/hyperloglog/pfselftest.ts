/**
 * PFSELFTEST: tries out the registers and the estimator on random input.
 *
 * Redis adds ten million elements, which takes it a second or more; here it is a million, so that
 * other clients wait for some tenths of a second only.
 */
import type { Random } from '../../platform/random.ts'
import { countRegisters, DENSE_BYTES, HEADER_BYTES } from '../../types/hyperloglog.ts'
import {
  denseRegister,
  raiseDenseRegister,
  setDenseRegister,
} from '../../types/hyperloglog-dense.ts'
import { elementPattern, INDEX_BITS, REGISTERS } from '../../types/hyperloglog-hash.ts'
import { command } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../errors.ts'
import { draft, sparseMaxBytes } from './hyperloglog-key.ts'

const REGISTER_ROUNDS = 100
const ELEMENTS = 1_000_000
/** The standard error, of which six are allowed. */
const RELATIVE_ERROR = 1.04 / Math.sqrt(REGISTERS)

function failure(what: string): CommandError {
  return new CommandError(`ERR TESTFAILED ${what}`)
}

/** Sets all registers to random values, and reads them back. */
function testRegisters(dense: Uint8Array, random: Random): void {
  const expected = new Uint8Array(REGISTERS)
  for (let round = 0; round < REGISTER_ROUNDS; round++) {
    for (let i = 0; i < REGISTERS; i++) {
      expected[i] = random.int32() & 63
      setDenseRegister(dense, HEADER_BYTES, i, expected[i]!)
    }
    for (let i = 0; i < REGISTERS; i++) {
      const actual = denseRegister(dense, HEADER_BYTES, i)
      if (actual !== expected[i]) {
        throw failure(`Register ${i} should be ${expected[i]} but is ${actual}`)
      }
    }
  }
}

/** Counts elements in both forms, which have to agree with each other and nearly with the truth. */
function testCounts(context: Context, dense: Uint8Array, random: Random): void {
  const maxBytes = sparseMaxBytes(context)
  const element = new DataView(new ArrayBuffer(8))
  const seed = random.int32()
  element.setInt32(4, random.int32(), true)
  dense.fill(0)
  draft.begin()
  let checkpoint = 1
  for (let added = 1; added <= ELEMENTS; added++) {
    element.setInt32(0, added ^ seed, true)
    const pattern = elementPattern(element, 0, 8)
    const index = pattern & (REGISTERS - 1)
    raiseDenseRegister(dense, HEADER_BYTES, index, pattern >>> INDEX_BITS)
    draft.raise(index, pattern >>> INDEX_BITS, maxBytes)
    if (added !== checkpoint) continue
    if (added < maxBytes / 2 && draft.isDense) throw failure('sparse encoding not used')
    const count = Number(countRegisters(dense, 0, DENSE_BYTES))
    if (countRegisters(draft.bytes, 0, draft.length) !== count) {
      throw failure('dense/sparse disagree')
    }
    // Among ten elements one may fall on another's register.
    const allowed = added === 10 ? 1 : Math.ceil(RELATIVE_ERROR * 6 * added)
    const error = Math.abs(added - count)
    if (error > allowed) throw failure(`Too big error. card:${added} abserr:${error}`)
    checkpoint *= 10
  }
}

export const pfselftest = command({
  name: 'PFSELFTEST',
  group: 'hyperloglog',
  since: '2.8.9',
  complexity: 'N/A',
  summary: 'Tries out the registers and the estimator, for tests of the server.',
  arity: 1,
  flags: ['admin'],
  categories: ['hyperloglog'],
  docFlags: ['syscmd'],
  run(context) {
    const dense = new Uint8Array(DENSE_BYTES)
    testRegisters(dense, context.server.random)
    testCounts(context, dense, context.server.random)
    context.reply.ok()
  },
})
