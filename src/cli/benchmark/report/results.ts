/**
 * The results on disk: `results.jsonl` has the plan in its first line and one measurement in every
 * further one, each written and synced as it is made. A run that is cut off keeps all of them but
 * for the one under way; a line that was being written is cut away when the run goes on.
 */
import fs from 'node:fs'
import nodePath from 'node:path'
import type { Histogram } from '../histogram.ts'
import type { ReportPlan, Step } from './matrix.ts'

const RESULTS_FILE = 'results.jsonl'

/** What was measured on, for the reader of a report. */
export interface Machine {
  cores: number
  model: string
  memoryGb: number
  system: string
  node: string
  began: string
  /** Versions of the servers by name. */
  versions: Record<string, string>
}

export interface Header {
  format: 1
  plan: ReportPlan
  machine: Machine
}

export const PERCENTILES = [50, 75, 90, 95, 99, 99.9, 99.99, 100] as const

export interface Sample extends Step {
  requests: number
  seconds: number
  requestsPerSecond: number
  averageUs: number
  /** In the order of PERCENTILES. */
  latenciesUs: number[]
  /** The part of a core that the load itself took. */
  loadCpu: number
}

export function latenciesOf(histogram: Histogram): number[] {
  return PERCENTILES.map((percentile) => histogram.percentileUs(percentile))
}

/** Results that cannot be gone on with; the message is for the user. */
export class ResultsError extends Error {}

export class Results {
  readonly header: Header
  readonly samples: Sample[]
  private readonly file: number

  private constructor(file: number, header: Header, samples: Sample[]) {
    this.file = file
    this.header = header
    this.samples = samples
  }

  /** Begins in a folder, which is made; throws a ResultsError if it has results already. */
  static create(folder: string, header: Header): Results {
    fs.mkdirSync(folder, { recursive: true })
    const path = nodePath.join(folder, RESULTS_FILE)
    if (fs.existsSync(path)) {
      throw new ResultsError(`${path} exists: go on with --resume, or name another folder`)
    }
    const results = new Results(fs.openSync(path, 'ax'), header, [])
    results.append(header)
    return results
  }

  /** Opens what a run has left; throws a ResultsError if there is none. */
  static open(folder: string): Results {
    const path = nodePath.join(folder, RESULTS_FILE)
    if (!fs.existsSync(path)) throw new ResultsError(`${path} is not there`)
    const bytes = fs.readFileSync(path)
    const wholeBytes = bytes.lastIndexOf(10) + 1
    const [first, ...rest] = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)
    const header = first === undefined ? undefined : (JSON.parse(first) as Header)
    if (header?.format !== 1) throw new ResultsError(`${path} has no plan in its first line`)
    if (wholeBytes < bytes.length) fs.truncateSync(path, wholeBytes)
    const samples = rest.map((line) => JSON.parse(line) as Sample)
    return new Results(fs.openSync(path, 'a'), header, samples)
  }

  add(sample: Sample): void {
    this.samples.push(sample)
    this.append(sample)
  }

  private append(line: Header | Sample): void {
    fs.writeSync(this.file, `${JSON.stringify(line)}\n`)
    fs.fdatasyncSync(this.file)
  }

  close(): void {
    fs.closeSync(this.file)
  }
}
