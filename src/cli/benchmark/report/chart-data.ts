/**
 * Which charts a report has, and what is in them: a chart is a row or more of panels, one for each
 * command, with the same servers in each.
 */
import { type Policy, policyName } from './matrix.ts'
import type { CaseOutcome, Outcome, ServerOutcome, Spread } from './outcome.ts'
import { PERCENTILES } from './results.ts'

export interface PanelSeries {
  name: string
  /** One for each category; null where nothing was measured. */
  points: (Spread | null)[]
}

export interface Panel {
  title: string
  series: PanelSeries[]
}

export interface Chart {
  /** The file's name without its ending. */
  name: string
  section: string
  title: string
  /** What the cases have in common, and how to read it. */
  note: string
  kind: 'bars' | 'lines'
  categoryName: string
  categories: string[]
  valueName: string
  /** What a value is divided by to be shown. */
  unit: 'per second' | 'milliseconds'
  isLog: boolean
  panels: Panel[]
}

export function chartsOf(outcome: Outcome): Chart[] {
  const { plan } = outcome.header
  const middleClients = plan.clients[Math.floor(plan.clients.length / 2)]!
  return [
    ...plan.pipelines.map((pipeline) => policyChart(outcome, pipeline, middleClients)),
    ...plan.policies.flatMap((policy) =>
      plan.pipelines.map((pipeline) => latencyChart(outcome, policy, pipeline, middleClients)),
    ),
    ...(plan.clients.length < 2
      ? []
      : plan.policies.flatMap((policy) =>
          plan.pipelines.map((pipeline) => clientsChart(outcome, policy, pipeline)),
        )),
    ...(plan.pipelines.length < 2
      ? []
      : plan.policies.map((policy) => pipelineChart(outcome, policy, middleClients))),
  ]
}

const RATE = { valueName: 'requests per second', unit: 'per second' } as const

function policyChart(outcome: Outcome, pipeline: number, clients: number): Chart {
  const { policies } = outcome.header.plan
  return {
    name: `throughput-by-policy-p${pipeline}`,
    section: 'Throughput by fsync policy',
    title: 'Throughput by fsync policy',
    note: `${load(pipeline)}, ${people(clients)}; ${medians(outcome)}`,
    kind: 'bars',
    categoryName: '',
    categories: policies.map(policyName),
    ...RATE,
    isLog: false,
    panels: panels(outcome, (command, server) =>
      policies.map((policy) => {
        return rate(find(outcome, { policy, command, pipeline, clients }, server))
      }),
    ),
  }
}

function latencyChart(outcome: Outcome, policy: Policy, pipeline: number, clients: number): Chart {
  return {
    name: `latency-${policy}-p${pipeline}`,
    section: 'Latency by percentile',
    title: `Latency by percentile, ${policyName(policy)}`,
    note: `${load(pipeline)}, ${people(clients)}; logarithmic; ${medians(outcome)}`,
    kind: 'lines',
    categoryName: 'percent of requests',
    categories: PERCENTILES.map((percent) => (percent === 100 ? 'max' : String(percent))),
    valueName: 'milliseconds',
    unit: 'milliseconds',
    isLog: true,
    panels: panels(outcome, (command, server) => {
      const found = find(outcome, { policy, command, pipeline, clients }, server)
      return found?.latenciesUs ?? PERCENTILES.map(() => null)
    }),
  }
}

function clientsChart(outcome: Outcome, policy: Policy, pipeline: number): Chart {
  const { clients } = outcome.header.plan
  return {
    name: `throughput-by-clients-${policy}-p${pipeline}`,
    section: 'Throughput by number of clients',
    title: `Throughput by number of clients, ${policyName(policy)}`,
    note: `${load(pipeline)}; ${medians(outcome)}`,
    kind: 'lines',
    categoryName: 'clients',
    categories: clients.map(String),
    ...RATE,
    isLog: false,
    panels: panels(outcome, (command, server) =>
      clients.map((count) => {
        return rate(find(outcome, { policy, command, pipeline, clients: count }, server))
      }),
    ),
  }
}

function pipelineChart(outcome: Outcome, policy: Policy, clients: number): Chart {
  const { pipelines } = outcome.header.plan
  return {
    name: `throughput-by-pipeline-${policy}`,
    section: 'Throughput by pipeline depth',
    title: `Throughput by pipeline depth, ${policyName(policy)}`,
    note: `${people(clients)}; ${medians(outcome)}`,
    kind: 'lines',
    categoryName: 'requests sent together',
    categories: pipelines.map(String),
    ...RATE,
    isLog: false,
    panels: panels(outcome, (command, server) =>
      pipelines.map((pipeline) => {
        return rate(find(outcome, { policy, command, pipeline, clients }, server))
      }),
    ),
  }
}

function panels(
  { header }: Outcome,
  points: (command: string, server: string) => (Spread | null)[],
): Panel[] {
  return header.plan.commands.map((command) => ({
    title: command.toUpperCase(),
    series: header.plan.servers.map(({ name }) => ({ name, points: points(command, name) })),
  }))
}

function find(
  { cases }: Outcome,
  wanted: Pick<CaseOutcome, 'policy' | 'command' | 'pipeline' | 'clients'>,
  server: string,
): ServerOutcome | undefined {
  return cases
    .find(
      (each) =>
        each.policy === wanted.policy &&
        each.command === wanted.command &&
        each.pipeline === wanted.pipeline &&
        each.clients === wanted.clients,
    )
    ?.servers.find((each) => each.server === server)
}

function rate(found: ServerOutcome | undefined): Spread | null {
  return found?.requestsPerSecond ?? null
}

function load(pipeline: number): string {
  return pipeline === 1 ? 'no pipelining' : `pipelines of ${pipeline}`
}

function people(clients: number): string {
  return clients === 1 ? 'one client' : `${clients} clients`
}

function medians({ header }: Outcome): string {
  const { rounds } = header.plan
  return rounds === 1 ? 'one round' : `median of ${rounds} rounds, whiskers to minimum and maximum`
}
