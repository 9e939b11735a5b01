/**
 * The tests that redis-benchmark 7.2 knows by name, with its keys, values and titles, in its
 * order; and the same commands as parts of a mixture (`--ratio`).
 */
import { encodeRequest } from '../../resp/request-encoder.ts'
import type { BatchPlan, RequestMaker } from './batches.ts'
import { printableValue } from './data-sizes.ts'

/** Something to be measured: a title and what is sent. */
export interface LoadTest {
  readonly title: string
  readonly makers: readonly RequestMaker[]
  readonly cycle: BatchPlan['cycle']
  /** The names of a mixture's commands; empty when there is only one. */
  readonly parts: readonly string[]
}

interface NamedTest {
  /** Any of these after `-t` selects it. */
  readonly names: readonly string[]
  readonly title: string
  readonly make: RequestMaker
}

const KEY = 'key:__rand_int__'
const ELEMENT = 'element:__rand_int__'

/** Fixed words, with the value at the end if there is one. */
function words(...fixed: string[]): RequestMaker {
  const request = encodeRequest(fixed)
  return () => request
}

function withValue(...fixed: string[]): RequestMaker {
  return (valueBytes) => encodeRequest([...fixed, printableValue(valueBytes)])
}

function test(name: string, make: RequestMaker, title = name.toUpperCase()): NamedTest {
  return { names: [name], title, make }
}

const lranges = [100, 300, 500, 600].map((count) => ({
  names: ['lrange', `lrange_${count}`],
  title: `LRANGE_${count} (first ${count} elements)`,
  make: words('LRANGE', 'mylist', '0', String(count - 1)),
}))

/** @param hasNumbers whether `-r` was given: only then do sorted sets get different scores */
function namedTests(hasNumbers: boolean): NamedTest[] {
  const score = hasNumbers ? '__rand_int__' : '0'
  return [
    {
      names: ['ping_inline', 'ping'],
      title: 'PING_INLINE',
      make: () => Buffer.from('PING\r\n'),
    },
    { names: ['ping_mbulk', 'ping'], title: 'PING_MBULK', make: words('PING') },
    test('set', withValue('SET', KEY)),
    test('get', words('GET', KEY)),
    test('incr', words('INCR', 'counter:__rand_int__')),
    test('lpush', withValue('LPUSH', 'mylist')),
    test('rpush', withValue('RPUSH', 'mylist')),
    test('lpop', words('LPOP', 'mylist')),
    test('rpop', words('RPOP', 'mylist')),
    test('sadd', words('SADD', 'myset', ELEMENT)),
    test('hset', withValue('HSET', 'myhash', ELEMENT)),
    test('spop', words('SPOP', 'myset')),
    test('zadd', words('ZADD', 'myzset', score, ELEMENT)),
    test('zpopmin', words('ZPOPMIN', 'myzset')),
    {
      names: lranges.flatMap(({ names }) => names),
      title: 'LPUSH (needed to benchmark LRANGE)',
      make: withValue('LPUSH', 'mylist'),
    },
    ...lranges,
    test('mset', msetRequest, 'MSET (10 keys)'),
    test('xadd', withValue('XADD', 'mystream', '*', 'myfield')),
  ]
}

function msetRequest(valueBytes: number): Buffer {
  const value = printableValue(valueBytes)
  return encodeRequest(['MSET', ...Array.from({ length: 10 }, () => [KEY, value]).flat()])
}

/** The tests of these names, all of them when there are none; unknown names are passed over. */
export function selectTests(names: readonly string[] | null, hasNumbers: boolean): LoadTest[] {
  return namedTests(hasNumbers)
    .filter((each) => names === null || each.names.some((name) => names.includes(name)))
    .map(({ title, make }) => ({ title, makers: [make], cycle: [0], parts: [] }))
}

/** A mixture: names of tests and how many of each in a round. Undefined if a name is unknown. */
export function mixedTest(
  names: readonly string[],
  weights: readonly number[],
  hasNumbers: boolean,
): LoadTest | undefined {
  const known = namedTests(hasNumbers)
  const parts = names.map((name) => known.find((each) => each.names[0] === name.toLowerCase()))
  if (parts.some((part) => part === undefined)) return undefined
  const titles = parts.map((part) => part!.title)
  return {
    title: `${titles.join(':')} ${weights.join(':')}`,
    makers: parts.map((part) => part!.make),
    cycle: weights.flatMap((weight, kind) => new Array<number>(weight).fill(kind)),
    parts: titles,
  }
}

/** A command as it stands on the command line. */
export function commandTest(
  commandWords: readonly (string | Uint8Array)[],
  title: string,
): LoadTest {
  const request = encodeRequest(commandWords, 'utf8')
  return { title, makers: [() => request], cycle: [0], parts: [] }
}
