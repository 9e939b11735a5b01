/** The commands of the string group. */
import type { CommandSpec } from '../command.ts'
import { append } from './append.ts'
import { get } from './get.ts'
import { delifeq, getdel } from './getdel.ts'
import { getex } from './getex.ts'
import { getrange, strlen, substr } from './getrange.ts'
import { incrbyfloat } from './incrbyfloat.ts'
import { decr, decrby, incr, incrby } from './increment.ts'
import { lcs } from './lcs.ts'
import { mget, mset, msetnx } from './mset.ts'
import { set } from './set.ts'
import { getset, psetex, setex, setnx } from './set-variants.ts'
import { setrange } from './setrange.ts'

export const stringCommands: readonly CommandSpec[] = [
  append,
  decr,
  decrby,
  delifeq,
  get,
  getdel,
  getex,
  getrange,
  getset,
  incr,
  incrby,
  incrbyfloat,
  lcs,
  mget,
  mset,
  msetnx,
  psetex,
  set,
  setex,
  setnx,
  setrange,
  strlen,
  substr,
]
