/** LATENCY: events that are noted by hand, since a still clock has none that last. */
import { describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../../src/commands/latency-histogram.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'

const START = 1_700_000_000

function setUp(thresholdMs = '100') {
  const clock = new ManualClock(START * 1000)
  const server = testServer({ clock, config: { 'latency-monitor-threshold': thresholdMs } })
  return { clock, server, client: new InProcessClient(server) }
}

describe('events', () => {
  test('are kept from the threshold on, the longest of each second', () => {
    const { client, clock, server } = setUp()
    server.latency.note('command', 99_999)
    expect(client.value('LATENCY', 'LATEST')).toEqual([])
    server.latency.note('command', 100_000)
    server.latency.note('command', 300_900)
    server.latency.note('command', 200_000)
    clock.advance(2000)
    server.latency.note('command', 150_000)
    expect(client.value('LATENCY', 'HISTORY', 'command')).toEqual([
      [START, 300],
      [START + 2, 150],
    ])
    expect(client.value('LATENCY', 'LATEST')).toEqual([['command', START + 2, 150, 300]])
    expect(client.value('LATENCY', 'HISTORY', 'Command')).toEqual([])
  })

  test('have 160 samples', () => {
    const { client, clock, server } = setUp()
    for (let i = 0; i < 200; i++) {
      server.latency.note('e', 100_000 + i * 1000)
      clock.advance(1000)
    }
    const samples = client.value('LATENCY', 'HISTORY', 'e') as number[][]
    expect(samples).toHaveLength(160)
    expect(samples[0]).toEqual([START + 40, 140])
  })

  test('are forgotten by name, in any case, or all', () => {
    const { client, server } = setUp()
    for (const name of ['a', 'b', 'c']) server.latency.note(name, 1e6)
    expect(client.value('LATENCY', 'RESET', 'A', 'x', 'a')).toBe(1)
    expect(client.value('LATENCY', 'RESET')).toBe(2)
    expect(client.value('LATENCY', 'RESET')).toBe(0)
  })

  test('are not noted without a threshold', () => {
    const { client, server } = setUp('0')
    server.latency.note('command', 1e9)
    expect(server.latency.start()).toBe(0)
    expect(client.value('LATENCY', 'LATEST')).toEqual([])
  })
})

describe('the graph', () => {
  test('has a column for each sample, with its age', () => {
    const { client, clock, server } = setUp()
    const steps: [ms: number, untilNext: number][] = [
      [100, 90_000],
      [150, 7200],
      [400, 120],
      [220, 59],
      [1000, 1],
      [101, 0],
    ]
    for (const [ms, seconds] of steps) {
      server.latency.note('command', ms * 1000)
      clock.advance(seconds * 1000)
    }
    const dashes = '-'.repeat(80)
    expect(client.value('LATENCY', 'GRAPH', 'command')).toBe(
      [
        'command - high 1000 ms, low 100 ms (all time high 1000 ms)',
        dashes,
        '    # ',
        '    | ',
        '  o | ',
        '__|o|_',
        '      ',
        '123110',
        'dhmmss',
        '',
      ].join('\n'),
    )
  })

  test('goes on below where it is wide', () => {
    const { client, clock, server } = setUp()
    for (let i = 0; i < 81; i++) {
      server.latency.note('e', 100_000)
      clock.advance(1000)
    }
    const lines = (client.value('LATENCY', 'GRAPH', 'e') as string).split('\n')
    expect(lines.map(({ length }) => length)).toEqual([
      50, 80, 80, 80, 80, 80, 80, 80, 80, 80, 0, 1, 1, 1, 1, 1, 1, 1, 0,
    ])
    expect(lines.slice(2, 6).map((line) => line[0])).toEqual([' ', ' ', ' ', '_'])
  })

  test('of nothing is an error', () => {
    const { client } = setUp()
    expect(client.call('LATENCY', 'GRAPH', 'x')).toBe("-ERR No samples available for event 'x'\r\n")
  })
})

describe('the doctor', () => {
  const report = (client: InProcessClient) => client.value('LATENCY', 'DOCTOR') as string

  test('says how to begin, and that all is well', () => {
    const { client } = setUp('0')
    expect(report(client)).toContain('latency-monitor-threshold <milliseconds>')
    client.call('CONFIG', 'SET', 'latency-monitor-threshold', '10')
    expect(report(client)).toContain('all is well')
  })

  test('has the figures of each event, and each advice once', () => {
    const { client, clock, server } = setUp()
    server.latency.note('command', 100_000)
    clock.advance(9000)
    server.latency.note('command', 200_000)
    server.latency.note('aof-write-alone', 120_000)
    server.latency.note('aof-write-pending-fsync', 120_000)
    clock.advance(1000)
    const text = report(client)
    expect(text).toContain(
      '1. command: 2 latency spikes (average 150ms, mean deviation 50ms, period 5.00 sec). ' +
        'Worst all time event 200ms.\n2. aof-write-alone: 1 latency spikes ',
    )
    expect(text.split('local disk')).toHaveLength(2)
    expect(text).toContain('SLOWLOG GET')
  })

  test('knows how the slow log is set', () => {
    const { client, server } = setUp()
    server.latency.note('command', 1e6)
    expect(report(client)).not.toContain('CONFIG SET')
    client.call('CONFIG', 'SET', 'slowlog-log-slower-than', '2000000')
    expect(report(client)).toContain("'CONFIG SET slowlog-log-slower-than 100000'")
    client.call('CONFIG', 'SET', 'slowlog-log-slower-than', '-1')
    expect(report(client)).toContain('The slow log is off')
  })

  test('admits that it knows no more', () => {
    const { client, server } = setUp()
    server.latency.note('other', 1e6)
    expect(report(client)).toContain('No simple remedy')
  })
})

describe('the histogram', () => {
  test('has Redis’s steps', () => {
    const histogram = new LatencyHistogram()
    for (let power = 0; power <= 21; power++) histogram.record(2 ** power, 1)
    const steps = histogram.distribution()
    expect(steps.map(([microseconds]) => microseconds)).toEqual([
      1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16908, 33816, 67633, 135266,
      270532, 541065, 1073741,
    ])
    expect(steps.at(-1)![1]).toBe(22)
  })

  test('is of the commands named, their subcommands among them, or of all', () => {
    const { client } = setUp('0')
    client.call('SET', 'a', '1')
    client.call('CONFIG', 'RESETSTAT')
    client.call('SET', 'a', '1')
    client.call('SET', 'a', '2')
    client.call('CLIENT', 'ID')
    client.call('CLIENT', 'GETNAME')
    expect(client.value('LATENCY', 'HISTOGRAM', 'nosuch', 'SET', 'get')).toEqual([
      'set',
      ['calls', 2, 'histogram_usec', [1, 2]],
    ])
    const names = (value: unknown) => (value as unknown[]).filter((_, i) => i % 2 === 0)
    expect(names(client.value('LATENCY', 'HISTOGRAM', 'client'))).toEqual([
      'client|getname',
      'client|id',
    ])
    expect(names(client.value('LATENCY', 'HISTOGRAM', 'client|id'))).toEqual(['client|id'])
    expect((names(client.value('LATENCY', 'HISTOGRAM')) as string[]).sort()).toEqual([
      'client|getname',
      'client|id',
      'config|resetstat',
      'latency|histogram',
      'set',
    ])
  })
})
