/**
 * What is printed of a run, in the forms of redis-benchmark 7.2: in full, in a line (`-q`), as CSV.
 * Mixtures add a table of their commands, which redis-benchmark has not.
 */
import type { Histogram, HistogramLine } from './histogram.ts'
import type { LoadProgress } from './load-run.ts'

export const CSV_HEAD =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",' +
  '"p99_latency_ms","max_latency_ms"\n'

/** A finished test, as it is shown. */
export interface TestReport {
  readonly title: string
  readonly answered: number
  readonly elapsedMs: number
  readonly clients: number
  /** As `-d` or the like says. */
  readonly payload: string
  readonly keepAlive: boolean
  readonly threads: number
  /** CONFIG's `save` and `appendonly` of the server, if it told them. */
  readonly serverConfig: { save: string; appendonly: string } | null
  readonly rate: number
  readonly latencies: Histogram
  readonly parts: readonly { name: string; latencies: Histogram }[]
}

export function fullReport(report: TestReport): string {
  return [
    ...headLines(report),
    '',
    'Latency by percentile distribution:',
    ...distributionLines(report.latencies.byPercentile()),
    '',
    'Cumulative distribution of latencies:',
    ...distributionLines(report.latencies.byLatency()),
    '',
    'Summary:',
    `  throughput summary: ${rate(report)} requests per second`,
    '  latency summary (msec):',
    `    ${columns(['avg', 'min', 'p50', 'p95', 'p99', 'max'])}`,
    `    ${columns(summary(report.latencies))}`,
    ...partLines(report),
    '',
  ].join('\n')
}

function headLines(report: TestReport): string[] {
  const { serverConfig, threads } = report
  const lines = [
    `====== ${report.title} ======`,
    `  ${report.answered} requests completed in ${(report.elapsedMs / 1000).toFixed(2)} seconds`,
    `  ${report.clients} parallel clients`,
    `  ${report.payload} bytes payload`,
    `  keep alive: ${report.keepAlive ? 1 : 0}`,
  ]
  if (serverConfig !== null) {
    lines.push(`  host configuration "save": ${serverConfig.save}`)
    lines.push(`  host configuration "appendonly": ${serverConfig.appendonly}`)
  }
  lines.push(`  multi-thread: ${threads > 0 ? 'yes' : 'no'}`)
  if (threads > 0) lines.push(`  threads: ${threads}`)
  if (report.rate > 0)
    lines.push(`  rate: ${report.rate} requests per second, latency from when due`)
  return lines
}

/** Lines whose count differs from that of the line before, and those at the end. */
function distributionLines(walk: Iterable<HistogramLine>): string[] {
  const all = [...walk]
  const total = all.at(-1)?.count
  return all
    .filter(({ count }, i) => count === total || count !== all[i - 1]?.count)
    .map(({ percentile, valueUs, count }) => {
      const value = (valueUs / 1000).toFixed(3)
      return `${percentile.toFixed(3)}% <= ${value} milliseconds (cumulative count ${count})`
    })
}

function partLines({ parts }: TestReport): string[] {
  if (parts.length === 0) return []
  const width = Math.max(...parts.map(({ name }) => name.length))
  const line = (name: string, cells: readonly string[]) =>
    `    ${name.padEnd(width)} ${columns(cells)}`
  return [
    '  by command (msec):',
    line('', ['requests', 'avg', 'min', 'p50', 'p95', 'p99', 'max']),
    ...parts.map(({ name, latencies }) =>
      line(name, [String(latencies.total), ...summary(latencies)]),
    ),
  ]
}

function columns(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(9)).join(' ')
}

/** Average, smallest, 50 %, 95 %, 99 % and largest, in milliseconds. */
function summary(latencies: Histogram): string[] {
  return [
    latencies.meanUs,
    latencies.minUs,
    latencies.percentileUs(50),
    latencies.percentileUs(95),
    latencies.percentileUs(99),
    latencies.maxUs,
  ].map((us) => (us / 1000).toFixed(3))
}

function rate({ answered, elapsedMs }: TestReport): string {
  return ((answered * 1000) / elapsedMs).toFixed(2)
}

export function quietReport(report: TestReport): string {
  const p50 = (report.latencies.percentileUs(50) / 1000).toFixed(3)
  return `${report.title}: ${rate(report)} requests per second, p50=${p50} msec\n`
}

export function csvReport(report: TestReport): string {
  const cells = [report.title, rate(report), ...summary(report.latencies)]
  return `${cells.map((cell) => `"${cell}"`).join(',')}\n`
}

/** The line that is drawn over and over while a test runs, and what remains of it. */
export class ProgressLine {
  private readonly title: string
  private readonly requests: number
  private last: LoadProgress = { elapsedMs: 0, answered: 0, latencySumUs: 0 }
  private printedColumns = 1

  constructor(title: string, requests: number) {
    this.title = title
    this.requests = requests
  }

  /** The text that replaces the line before. */
  show(now: LoadProgress): string {
    const { last } = this
    this.last = now
    const since = {
      elapsedMs: now.elapsedMs - last.elapsedMs,
      answered: now.answered - last.answered,
      latencySumUs: now.latencySumUs - last.latencySumUs,
    }
    const text =
      `${this.title}: rps=${speed(since)} (overall: ${speed(now)}) ` +
      `avg_msec=${average(since)} (overall: ${average(now)})${this.remaining(now)}`
    const line = `${this.clear()}${text}\r`
    this.printedColumns = text.length
    return line
  }

  /** How much is done, and how long the rest takes if it goes on as it has. */
  private remaining({ answered, elapsedMs }: LoadProgress): string {
    if (answered === 0) return ''
    const done = Math.min(1, answered / this.requests)
    const restMs = (elapsedMs / done) * (1 - done)
    return ` ${Math.floor(done * 100)}%, ${duration(restMs)} left`
  }

  /** Blanks over the line, for what is printed next. */
  clear(): string {
    return `${' '.repeat(this.printedColumns)}\r`
  }
}

function speed({ answered, elapsedMs }: LoadProgress): string {
  return (elapsedMs > 0 ? (answered * 1000) / elapsedMs : 0).toFixed(1)
}

function average({ answered, latencySumUs }: LoadProgress): string {
  return (answered > 0 ? latencySumUs / answered / 1000 : 0).toFixed(3)
}

/** `7s`, `3m05s` or `1h02m`. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds}s`
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${two(seconds % 60)}s`
  return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`
}
