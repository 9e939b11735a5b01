/**
 * The results of all rounds put together: of each case and server the median with the smallest and
 * the largest, of throughput as of each latency.
 */
import { caseKey, casesOf, type ReportCase } from './matrix.ts'
import type { Header, Results, Sample } from './results.ts'

export interface Spread {
  median: number
  min: number
  max: number
}

export interface ServerOutcome {
  server: string
  rounds: number
  requestsPerSecond: Spread
  averageUs: Spread
  /** In the order of PERCENTILES. */
  latenciesUs: Spread[]
  /** Whether in some round the load took a core for itself, so that it may be the limit. */
  isLoadBound: boolean
}

export interface CaseOutcome extends ReportCase {
  servers: ServerOutcome[]
}

export interface Outcome {
  header: Header
  cases: CaseOutcome[]
}

const LOAD_LIMIT = 0.95

/** Cases that no server has been measured in are left out. */
export function outcomeOf({ header, samples }: Pick<Results, 'header' | 'samples'>): Outcome {
  const cases = casesOf(header.plan).map((each) => {
    const key = caseKey(each)
    const own = samples.filter((sample) => caseKey(sample) === key)
    const servers = header.plan.servers
      .map(({ name }) => own.filter(({ server }) => server === name))
      .filter((rounds) => rounds.length > 0)
      .map(serverOutcome)
    return { ...each, servers }
  })
  return { header, cases: cases.filter(({ servers }) => servers.length > 0) }
}

function serverOutcome(rounds: readonly Sample[]): ServerOutcome {
  const first = rounds[0]!
  return {
    server: first.server,
    rounds: rounds.length,
    requestsPerSecond: spread(rounds.map(({ requestsPerSecond }) => requestsPerSecond)),
    averageUs: spread(rounds.map(({ averageUs }) => averageUs)),
    latenciesUs: first.latenciesUs.map((_, i) =>
      spread(rounds.map(({ latenciesUs }) => latenciesUs[i]!)),
    ),
    isLoadBound: rounds.some(({ loadCpu }) => loadCpu > LOAD_LIMIT),
  }
}

/** Of an even number of values the median is the mean of the two in the middle. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return {
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    min: sorted[0]!,
    max: sorted.at(-1)!,
  }
}
