/** Reports from made-up results: their order, what is kept on disk, texts and pictures. */
import fs from 'node:fs'
import os from 'node:os'
import nodePath from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chartsOf } from '../../../../src/cli/benchmark/report/chart-data.ts'
import { drawChart, shortNumber } from '../../../../src/cli/benchmark/report/charts.ts'
import { casesOf, stagesOf, stepKey } from '../../../../src/cli/benchmark/report/matrix.ts'
import { outcomeOf, spread } from '../../../../src/cli/benchmark/report/outcome.ts'
import { SERIES } from '../../../../src/cli/benchmark/report/palette.ts'
import { parseReportOptions } from '../../../../src/cli/benchmark/report/report-options.ts'
import { Results } from '../../../../src/cli/benchmark/report/results.ts'
import { resultsCsv, summaryMarkdown } from '../../../../src/cli/benchmark/report/summary.ts'
import { writeReport } from '../../../../src/cli/benchmark/report/write-report.ts'
import { headerOf, planOf, resultsOf, sampleOf } from './report-fixture.ts'

function temporaryFolder(): string {
  const folder = fs.mkdtempSync(nodePath.join(os.tmpdir(), 'benchmark-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true }))
  return folder
}

/** What is wrong with a text as XML; '' for nothing: tags nest, attributes are quoted and single. */
function xmlFault(text: string): string {
  const open: string[] = []
  const pattern = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/g
  for (const [whole, end, name, attributes, single, , stray] of text.matchAll(pattern)) {
    if (stray !== undefined) return `stray < at ${text.slice(text.indexOf(whole)).slice(0, 80)}`
    if (name === undefined) {
      if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(whole)) return `bare & in ${whole}`
      continue
    }
    const names = Array.from(attributes!.matchAll(/([\w:-]+)=/g), (match) => match[1])
    if (new Set(names).size < names.length) return `an attribute twice in ${whole}`
    if (end === '/') {
      if (open.pop() !== name) return `${whole} closes nothing`
    } else if (single === '') open.push(name)
  }
  return open.length === 0 ? '' : `${open.join(' ')} not closed`
}

describe('the order of a report', () => {
  const plan = planOf()
  const steps = stagesOf(plan).flatMap((stage) => stage.steps)

  test('has every case for every server in every round, once', () => {
    expect(steps).toHaveLength(casesOf(plan).length * 2 * 3)
    expect(new Set(steps.map(stepKey)).size).toBe(steps.length)
  })

  test('has rounds outermost, and servers take turns with a changing one first', () => {
    const rounds = steps.map(({ round }) => round)
    expect(rounds).toEqual(rounds.toSorted((a, b) => a - b))
    expect(steps.slice(0, 4).map(({ server }) => server)).toEqual([
      'redis <7.2>',
      'redstart',
      'redstart',
      'redis <7.2>',
    ])
  })
})

describe('results on disk', () => {
  test('survive an interruption in the middle of a line', () => {
    const folder = temporaryFolder()
    const plan = planOf({ rounds: 1 })
    const steps = stagesOf(plan).flatMap((stage) => stage.steps)
    const results = Results.create(folder, headerOf(plan))
    for (const step of steps.slice(0, 5)) results.add(sampleOf(step))
    results.close()
    const path = nodePath.join(folder, 'results.jsonl')
    const whole = fs.readFileSync(path)
    fs.writeFileSync(path, whole.subarray(0, whole.length - 7))

    const resumed = Results.open(folder)
    expect(resumed.header).toEqual(headerOf(plan))
    expect(resumed.samples).toEqual(steps.slice(0, 4).map(sampleOf))
    for (const step of steps.slice(4)) resumed.add(sampleOf(step))
    resumed.close()
    const complete = Results.open(folder)
    expect(complete.samples).toEqual(steps.map(sampleOf))
    complete.close()
  })

  test('are not written over, and must be there to go on', () => {
    const folder = temporaryFolder()
    expect(() => Results.open(folder)).toThrow('is not there')
    Results.create(folder, headerOf(planOf())).close()
    expect(() => Results.create(folder, headerOf(planOf()))).toThrow('--resume')
  })
})

describe('the outcome', () => {
  test('has medians with minimum and maximum', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
    expect(spread([4, 1])).toEqual({ median: 2.5, min: 1, max: 4 })
    const { cases } = outcomeOf(resultsOf(planOf()))
    const [own, other] = cases[0]!.servers
    expect(own!.requestsPerSecond).toEqual({ median: 10_000, min: 9000, max: 11_000 })
    expect(other!.requestsPerSecond.median).toBe(5000)
    expect(own!.isLoadBound).toBe(false)
  })

  test('is written as Markdown', () => {
    const text = summaryMarkdown(outcomeOf(resultsOf(planOf())))
    expect(text).toContain('| redstart to redis <7.2>, no log | 2.00× | 2.00× |')
    expect(text).toContain('| GET P=1 c=1 | 10,000 (9,000–11,000) | 5,000 (4,500–5,500) | 2.00 |')
    expect(text).toContain('| GET P=16 c=1 | 160,000* (')
    expect(text).toContain('the load itself took a whole core')
  })

  test('is written as CSV', () => {
    const lines = resultsCsv(outcomeOf(resultsOf(planOf())))
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(1 + 4 * 3 * 2 * 3 * 2)
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1)
    expect(lines[1]).toMatch(/^none,get,1,1,redstart,3,10000\.00,9000\.00,11000\.00,/)
  })
})

describe('charts', () => {
  const charts = chartsOf(outcomeOf(resultsOf(planOf())))

  test('are one for each view of the results', () => {
    const names = charts.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toHaveLength(2 + 6 + 6 + 3)
    expect(names).toContain('throughput-by-policy-p16')
    expect(names).toContain('latency-always-p1')
    expect(names).toContain('throughput-by-clients-everysec-p16')
    expect(names).toContain('throughput-by-pipeline-none')
  })

  test.each(charts.map((chart) => [chart.name, chart] as const))('%s is sound', (_, chart) => {
    const svg = drawChart(chart)
    expect(xmlFault(svg)).toBe('')
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    const texts = Array.from(svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g), (match) => match[1])
    for (const label of [chart.title, chart.note, 'redstart', 'redis &lt;7.2&gt;']) {
      expect(texts).toContain(label)
    }
    for (const panel of chart.panels) expect(texts).toContain(panel.title)
    for (const category of chart.categories) expect(texts).toContain(category)
    for (const { light, dark } of SERIES.slice(0, 2)) {
      expect(svg).toContain(`"${light}"`)
      expect(svg).toContain(`fill:${dark}`)
    }
  })

  test('are drawn of a run that has hardly begun', () => {
    const { header, samples } = resultsOf(planOf())
    const few = outcomeOf({ header, samples: samples.slice(0, 3) })
    for (const chart of chartsOf(few)) expect(xmlFault(drawChart(chart))).toBe('')
  })

  test('label axes with short numbers', () => {
    const numbers = [0, 0.5, 950, 1200, 142_000, 999_600, 1_050_000]
    expect(numbers.map((value) => shortNumber(value, 3))).toEqual([
      '0',
      '0.5',
      '950',
      '1.2k',
      '142k',
      '1M',
      '1.05M',
    ])
    expect(shortNumber(142_000, 2)).toBe('142k')
    expect(shortNumber(9870, 2)).toBe('9.9k')
  })
})

test('a report is complete, and its page needs nothing from elsewhere', async () => {
  const folder = temporaryFolder()
  const files = await writeReport(folder, resultsOf(planOf()))
  const names = files.map((path) => nodePath.relative(folder, path)).sort()
  expect(names.filter((name) => !name.startsWith('charts'))).toEqual([
    'report.html',
    'results.csv',
    'results.json',
    'summary.md',
  ])
  const page = fs.readFileSync(nodePath.join(folder, 'report.html'), 'utf8')
  expect(page.match(/<svg /g)).toHaveLength(17)
  expect(page).not.toMatch(/(src|href)="(?!#)|@import|<script/)
  expect(page).toContain('Processor &amp; Co')
  const ids = Array.from(page.matchAll(/ id="([^"]+)"/g), (match) => match[1])
  expect(new Set(ids).size).toBe(ids.length)
})

describe('the options of a report', () => {
  const parse = (line: string) =>
    parseReportOptions(line.split(' '), ['node', 'redstart.js'], new Date(0))

  test('name servers, matrix and folder', () => {
    const parsed = parse('--peer redis-server --peer vk=/opt/valkey-server --clients 200,1 -d 64')
    expect(parsed).toMatchObject({
      kind: 'begin',
      folder: 'redstart-benchmark-1970-01-01-000000',
      plan: {
        servers: [
          { name: 'redstart', command: ['node', 'redstart.js'] },
          { name: 'redis-server', command: ['redis-server'] },
          { name: 'vk', command: ['/opt/valkey-server'] },
        ],
        clients: [1, 200],
        valueBytes: 64,
        rounds: 3,
      },
    })
    expect(parse('--resume here')).toEqual({ kind: 'resume', folder: 'here' })
  })

  test.each([
    '--commands get,nothing',
    '--policies sometimes',
    '--rounds 0',
    '--clients 1.5',
    '--peer a/redis-server --peer b/redis-server',
    '--peer x=',
    '--bogus',
  ])('are refused: %s', (line) => {
    expect(parse(line).kind).toBe('invalid')
  })
})
