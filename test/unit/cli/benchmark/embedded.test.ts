/** The comparison of embedded stores: options, measuring by a clock of the test's, table, peers. */
import os from 'node:os'
import { describe, expect, test } from 'vitest'
import {
  DRAWS,
  OPERATIONS,
  type Session,
  type Work,
  wordsOf,
} from '../../../../src/cli/benchmark/embedded/contender.ts'
import { medianOf } from '../../../../src/cli/benchmark/embedded/embedded.ts'
import { parseEmbeddedOptions } from '../../../../src/cli/benchmark/embedded/embedded-options.ts'
import { resultTable } from '../../../../src/cli/benchmark/embedded/embedded-table.ts'
import { measure } from '../../../../src/cli/benchmark/embedded/measurement.ts'
import { findPeer, openPeer, PEERS } from '../../../../src/cli/benchmark/embedded/peers.ts'
import {
  fill,
  openStore,
  portSession,
  storeSession,
} from '../../../../src/cli/benchmark/embedded/redstart-session.ts'
import { Histogram } from '../../../../src/cli/benchmark/histogram.ts'

const WORK: Work = { mode: 'memory', folder: os.tmpdir(), keyCount: 100, valueBytes: 8, seed: 1 }

describe('measuring', () => {
  test('counts all operations, and takes the latency of every sixteenth', async () => {
    let nowMs = 0
    let calls = 0
    const draws = new Set<number>()
    const operation = (draw: number) => {
      calls++
      draws.add(draw)
      nowMs += 2 ** -10
    }
    const session: Session = { operations: {}, isAsync: false, concurrency: 1, close: () => {} }
    const measured = await measure(session, operation, 100, () => nowMs)
    expect(measured.operations).toBe(calls)
    expect(measured.operations).toBeGreaterThan(DRAWS)
    expect(draws.size).toBe(DRAWS)
    const latencies = new Histogram(3, measured.counts)
    expect(latencies.total).toBe(calls / 16)
    expect(latencies.percentileUs(50)).toBe(976)
  })

  test('waits for promises side by side, and for what is still to be written', async () => {
    let nowMs = 0
    let underWay = 0
    let most = 0
    let isSettled = false
    const operation = async () => {
      most = Math.max(most, ++underWay)
      await Promise.resolve()
      nowMs += 0.5
      underWay--
    }
    const session: Session = {
      operations: {},
      isAsync: true,
      concurrency: 4,
      settle: async () => {
        isSettled = true
      },
      close: () => {},
    }
    const { operations } = await measure(session, operation, 100, () => nowMs)
    expect(most).toBe(4)
    expect(operations).toBeGreaterThanOrEqual(200)
    expect(isSettled).toBe(true)
  })
})

describe('contenders', () => {
  test('the store does all operations, in its thread and by a port', async () => {
    const store = await openStore(WORK)
    fill(store, WORK)
    const own = storeSession(store, WORK)
    const other = portSession(store.share(), WORK)
    for (const name of OPERATIONS) {
      own.operations[name]!(7)
      await other.operations[name]!(7)
    }
    const { drawnCounters, drawnKeys, keys, numbers } = wordsOf(WORK)
    expect(drawnKeys[7]).toBe(keys[numbers[7]!])
    expect(store.get(drawnCounters[7]!)).toBe('2')
    expect(own.operations.lrange!(5)).toHaveLength(10)
    expect(await other.operations.hget!(7)).toBe('xxxxxxxx')
    await other.close()
    await own.close()
  })

  test('Map needs no package', async () => {
    const found = findPeer(PEERS.find(({ name }) => name === 'Map')!, [])
    const session = await openPeer(found!, WORK)
    expect(session.operations.get!(3)).toBe('xxxxxxxx')
    expect(session.operations.zadd).toBeUndefined()
  })

  test('a package that is not installed is not found', () => {
    const absent = { ...PEERS[1]!, packageName: 'redstart-no-such-package' }
    expect(findPeer(absent, [process.cwd(), os.tmpdir()])).toBeUndefined()
  })
})

test('the table has a row for each result, and names an operation once', () => {
  const about = { mode: 'memory', threads: 1, operation: 'get', note: '', operations: 5 } as const
  const figures = { operationsPerSecond: 1_234_567.8, averageUs: 0.5, p95Us: 12.34, p99Us: 1234 }
  const result = { ...about, ...figures }
  const results = [
    { ...result, name: 'redstart' },
    { ...result, name: 'Map', note: 'a copy in each thread' },
  ]
  expect(resultTable(results).split('\n')).toEqual([
    '| operation |                             | per second | avg µs | p95 µs | p99 µs |',
    '| --------- | --------------------------- | ---------: | -----: | -----: | -----: |',
    '| GET       | redstart                    |  1,234,568 |   0.50 |   12.3 |   1234 |',
    '|           | Map (a copy in each thread) |  1,234,568 |   0.50 |   12.3 |   1234 |',
    '',
  ])
})

test('of several rounds the one in the middle counts, with its own latencies', () => {
  const about = { mode: 'memory', threads: 1, operation: 'get', note: '', operations: 5 } as const
  const round = (operationsPerSecond: number, averageUs: number) => {
    return { ...about, name: 'Map', operationsPerSecond, averageUs, p95Us: 1, p99Us: 1 }
  }
  expect(medianOf([round(30, 1), round(10, 3), round(20, 2)]).averageUs).toBe(2)
  expect(medianOf([round(30, 1), round(10, 3)]).averageUs).toBe(3)
})

test('options are checked', () => {
  expect(parseEmbeddedOptions(['--help'])).toBeNull()
  expect(parseEmbeddedOptions(['--threads', '1,8', '--modes', 'disk'])).toMatchObject({
    threads: [1, 8],
    modes: ['disk'],
    operations: [...OPERATIONS],
  })
  for (const words of [['--modes', 'tape'], ['--threads', '0'], ['--keys', '1.5'], ['--bogus']]) {
    expect(() => parseEmbeddedOptions(words)).toThrow(TypeError)
  }
})
