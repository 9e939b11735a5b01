/** Percentiles against the sorted times themselves, and the counts that INFO shows. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../../src/commands/latency-histogram.ts'
import { ManualClock } from '../../../src/platform/clock.ts'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'

describe('percentiles', () => {
  test('are those of the times, to one part in 128', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 1 })
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 100 }), (nanoseconds, percent) => {
        const histogram = new LatencyHistogram()
        for (const each of nanoseconds) histogram.record(each / 1000, 1)
        const sorted = [...nanoseconds].sort((one, other) => one - other)
        const rank = Math.max(1, Math.floor((percent / 100) * sorted.length + 0.5))
        const exact = sorted[rank - 1] / 1000
        const shown = histogram.percentile(percent)
        // A time given in microseconds may lose a nanosecond.
        expect(shown).toBeGreaterThanOrEqual(exact - 0.001)
        expect(shown).toBeLessThanOrEqual(exact * (1 + 1 / 128) + 0.001)
      }),
      { seed: 1 },
    )
  })

  test('0 percent are the least that the quickest call may have taken', () => {
    const histogram = new LatencyHistogram()
    histogram.record(13, 1)
    expect([histogram.percentile(0), histogram.percentile(50)]).toEqual([12.992, 13.055])
    const quick = new LatencyHistogram()
    quick.record(0, 1)
    expect(quick.percentile(0)).toBe(0)
  })

  test('times of more than a second count as one', () => {
    const histogram = new LatencyHistogram()
    histogram.record(60_000_000, 1)
    expect(histogram.percentile(50)).toBeCloseTo(1e6, -4)
  })

  test('calls of the same time may be counted at once', () => {
    const histogram = new LatencyHistogram()
    histogram.record(0.1, 99)
    histogram.record(0.2, 1)
    expect(histogram.percentile(99)).toBe(0.1)
    expect(histogram.percentile(100)).toBe(0.2)
  })
})

describe('INFO latencystats', () => {
  const report = (client: InProcessClient) => client.value('INFO', 'latencystats')

  test('shows the percentiles that the configuration names, subcommands among them', () => {
    const client = new InProcessClient(testServer({ clock: new ManualClock() }))
    client.call('CLIENT', 'ID')
    client.call('SET', 'key', 'value')
    expect(report(client)).toBe(
      '# Latencystats\r\n' +
        'latency_percentiles_usec_client|id:p50=0.000,p99=0.000,p99.9=0.000\r\n' +
        'latency_percentiles_usec_set:p50=0.000,p99=0.000,p99.9=0.000\r\n',
    )
    client.call('CONFIG', 'SET', 'latency-tracking-info-percentiles', '0.0 50.0 100.0')
    expect(report(client)).toContain('usec_set:p0=0.000,p50=0.000,p100=0.000\r\n')
    client.call('CONFIG', 'SET', 'latency-tracking-info-percentiles', '')
    expect(report(client)).toContain('latency_percentiles_usec_set:\r\n')
  })

  test('can be turned off, and starts anew', () => {
    const client = new InProcessClient(testServer())
    client.call('CONFIG', 'SET', 'latency-tracking', 'no')
    client.call('GET', 'key')
    expect(report(client)).toBe('# Latencystats\r\n')
    client.call('CONFIG', 'SET', 'latency-tracking', 'yes')
    expect(report(client)).not.toContain('_get:')
    client.call('GET', 'key')
    expect(report(client)).toContain('_get:')
    client.call('CONFIG', 'RESETSTAT')
    expect(report(client)).not.toContain('_get:')
  })
})

test('the durations of the event loop are whole numbers', () => {
  const client = new InProcessClient(testServer())
  client.server.noteTurn(1.75)
  expect(client.value('INFO', 'stats')).toContain('\r\neventloop_duration_sum:1\r\n')
})
