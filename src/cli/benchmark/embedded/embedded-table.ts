/** The results of a comparison as a table, in Markdown that is also readable as it is. */
import type { Mode, OperationName } from './contender.ts'

export interface EmbeddedResult {
  mode: Mode
  threads: number
  operation: OperationName
  name: string
  /** What must be known to compare the figure. */
  note: string
  operations: number
  operationsPerSecond: number
  averageUs: number
  p95Us: number
  p99Us: number
}

const HEADS = ['operation', '', 'per second', 'avg µs', 'p95 µs', 'p99 µs']

export function resultTable(results: readonly EmbeddedResult[]): string {
  const rows = results.map((result, i) => [
    results[i - 1]?.operation === result.operation ? '' : result.operation.toUpperCase(),
    result.note === '' ? result.name : `${result.name} (${result.note})`,
    Math.round(result.operationsPerSecond).toLocaleString('en-US'),
    microseconds(result.averageUs),
    microseconds(result.p95Us),
    microseconds(result.p99Us),
  ])
  const widths = HEADS.map((head, i) =>
    Math.max(4, ...[head, ...rows.map((row) => row[i]!)].map(size)),
  )
  const padded = (cell: string, i: number) =>
    i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
  const line = (cells: readonly string[]) => `| ${cells.map(padded).join(' | ')} |`
  const rule = widths.map((width, i) => (i < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return `${[line(HEADS), line(rule), ...rows.map(line)].join('\n')}\n`
}

function size(text: string): number {
  return text.length
}

function microseconds(us: number): string {
  return us.toFixed(us < 9.995 ? 2 : us < 99.95 ? 1 : 0)
}
