/**
 * Numbers as a graph of characters, as LATENCY GRAPH shows them: a column for each number, four
 * rows high, and below each column its label from top to bottom.
 *
 * The range from the least to the largest number is divided into three steps a row. The step that a
 * number reaches is drawn as one of three characters, and the rows below it are filled. More
 * columns than fit are drawn as one graph below the other. The picture is that of Redis 7.2.
 */

const ROWS = 4
const COLUMNS = 80
/** What the top of a column looks like, by the step within its row. */
const TOPS = '_o#'
const FILLED = '|'
const STEPS = TOPS.length * ROWS

export interface Sample {
  readonly value: number
  readonly label: string
}

export function sparkline(samples: readonly Sample[]): string {
  const values = samples.map(({ value }) => value)
  const least = Math.min(...values)
  const range = Math.max(...values) - least || 1
  const steps = values.map((value) => {
    return Math.min(STEPS - 1, Math.floor(((value - least) * STEPS) / range))
  })
  const parts: string[] = []
  for (let begin = 0; begin < samples.length; begin += COLUMNS) {
    const end = begin + COLUMNS
    const labels = samples.slice(begin, end).map(({ label }) => label)
    parts.push([...bars(steps.slice(begin, end)), ...below(labels), ''].join('\n'))
  }
  return parts.join('\n')
}

/** The rows of the columns, the highest first. */
function bars(steps: readonly number[]): string[] {
  const rows: string[] = []
  for (let row = ROWS - 1; row >= 0; row--) {
    rows.push(steps.map((step) => barAt(step - row * TOPS.length)).join(''))
  }
  return rows
}

function barAt(step: number): string {
  if (step < 0) return ' '
  return TOPS[step] ?? FILLED
}

/** An empty row, and the labels. */
function below(labels: readonly string[]): string[] {
  const longest = Math.max(...labels.map(({ length }) => length))
  const rows = [' '.repeat(labels.length)]
  for (let row = 0; row < longest; row++) {
    rows.push(labels.map((label) => label[row] ?? ' ').join(''))
  }
  return rows
}
