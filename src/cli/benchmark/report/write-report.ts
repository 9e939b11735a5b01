/** Writes all files of a report into its folder. */
import fs from 'node:fs'
import nodePath from 'node:path'
import { chartsOf } from './chart-data.ts'
import { drawChart } from './charts.ts'
import { outcomeOf } from './outcome.ts'
import { reportPage } from './page.ts'
import type { Results } from './results.ts'
import { resultsCsv, summaryMarkdown } from './summary.ts'

/** @returns the files written */
export async function writeReport(
  folder: string,
  results: Pick<Results, 'header' | 'samples'>,
): Promise<string[]> {
  const outcome = outcomeOf(results)
  const drawn = chartsOf(outcome).map((chart) => ({ chart, svg: drawChart(chart) }))
  const charts = drawn.map(({ chart, svg }) => [nodePath.join('charts', `${chart.name}.svg`), svg])
  const files = [
    ['results.json', `${JSON.stringify(outcome, null, 1)}\n`],
    ['results.csv', resultsCsv(outcome)],
    ['summary.md', summaryMarkdown(outcome)],
    ['report.html', reportPage(outcome, drawn)],
    ...charts,
  ] as [string, string][]
  fs.mkdirSync(nodePath.join(folder, 'charts'), { recursive: true })
  return files.map(([name, text]) => {
    const path = nodePath.join(folder, name)
    fs.writeFileSync(path, text)
    return path
  })
}
