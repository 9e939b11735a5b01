/** The results as text: `summary.md` for people, CSV and JSON for programs. */
import { policyName, type ReportCase } from './matrix.ts'
import type { CaseOutcome, Outcome, ServerOutcome, Spread } from './outcome.ts'
import { PERCENTILES } from './results.ts'

const P50 = PERCENTILES.indexOf(50)
const P99 = PERCENTILES.indexOf(99)

export function summaryMarkdown(outcome: Outcome): string {
  const { plan } = outcome.header
  const others = plan.servers.slice(1).map(({ name }) => name)
  return [
    '# Benchmark report',
    '',
    ...settings(outcome).map((line) => `- ${line}`),
    '',
    ...(others.length === 0 ? [] : ['## At a glance', '', ...glanceTable(outcome), '']),
    ...plan.policies.flatMap((policy) => [
      `## ${policy === 'none' ? 'Without a log' : `appendfsync ${policy}`}`,
      '',
      ...caseTable(outcome, policy),
      '',
    ]),
  ].join('\n')
}

/** What and how was measured, a sentence each. */
export function settings({ header, cases }: Outcome): string[] {
  const { plan, machine } = header
  const versions = plan.servers.map(({ name }) => `${name} ${machine.versions[name] ?? ''}`.trim())
  const isLoadBound = cases.some(({ servers }) => servers.some((each) => each.isLoadBound))
  return [
    `${versions.join(', ')}; begun ${machine.began.slice(0, 16).replace('T', ' ')} UTC`,
    `${machine.cores} cores (${machine.model}), ${machine.memoryGb} GB, ${machine.system}, ` +
      `Node ${machine.node}; servers and load on the same machine`,
    `${plan.rounds} rounds of ${plan.durationMs / 1000} s after ${plan.warmupMs / 1000} s of ` +
      `warm-up, all servers in turn; values of ${plan.valueBytes} bytes, ` +
      `${plan.keyCount.toLocaleString('en-US')} keys`,
    'Figures are medians of the rounds, with (minimum–maximum).',
    ...(isLoadBound
      ? ['Where a figure has a *, the load itself took a whole core: the server can do more.']
      : []),
  ]
}

/** For each policy and depth the first server's throughput in terms of the others'. */
function glanceTable(outcome: Outcome): string[] {
  const { plan } = outcome.header
  const [own, ...others] = plan.servers.map(({ name }) => name)
  const heads = ['', ...plan.pipelines.map((pipeline) => `P=${pipeline}`)]
  const rows = others.flatMap((other) =>
    plan.policies.map((policy) => {
      const cells = plan.pipelines.map((pipeline) => {
        const ratios = outcome.cases
          .filter((each) => each.policy === policy && each.pipeline === pipeline)
          .map((each) => ratio(each, own!, other))
          .filter((value) => value !== undefined)
        return ratios.length === 0 ? '' : `${geometricMean(ratios).toFixed(2)}×`
      })
      return [`${own} to ${other}, ${policyName(policy)}`, ...cells]
    }),
  )
  return [
    'Throughput as a ratio, the geometric mean over all commands and numbers of clients:',
    '',
    ...table(heads, rows),
  ]
}

function caseTable(outcome: Outcome, policy: ReportCase['policy']): string[] {
  const [own, ...others] = outcome.header.plan.servers.map(({ name }) => name)
  const heads = [
    'case',
    ...[own!, ...others].map((name) => `${name} /s`),
    ...others.map((name) => `to ${name}`),
    ...[own!, ...others].flatMap((name) => [`${name} p50 ms`, `${name} p99 ms`]),
  ]
  const rows = outcome.cases
    .filter((each) => each.policy === policy)
    .map((each) => {
      const servers = [own!, ...others].map((name) => serverOf(each, name))
      return [
        `${each.command.toUpperCase()} P=${each.pipeline} c=${each.clients}`,
        ...servers.map((server) => (server === undefined ? '' : rateCell(server))),
        ...others.map((other) => ratio(each, own!, other)?.toFixed(2) ?? ''),
        ...servers.flatMap((server) => [milliseconds(server, P50), milliseconds(server, P99)]),
      ]
    })
  return table(heads, rows)
}

function serverOf({ servers }: CaseOutcome, name: string): ServerOutcome | undefined {
  return servers.find(({ server }) => server === name)
}

function ratio(each: CaseOutcome, own: string, other: string): number | undefined {
  const mine = serverOf(each, own)?.requestsPerSecond.median
  const theirs = serverOf(each, other)?.requestsPerSecond.median
  return mine === undefined || theirs === undefined ? undefined : mine / theirs
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

function rateCell({ requestsPerSecond, isLoadBound }: ServerOutcome): string {
  const { median, min, max } = requestsPerSecond
  return `${whole(median)}${isLoadBound ? '*' : ''} (${whole(min)}–${whole(max)})`
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function milliseconds(server: ServerOutcome | undefined, percentile: number): string {
  const us = server?.latenciesUs[percentile]?.median
  return us === undefined ? '' : (us / 1000).toFixed(us < 10_000 ? 2 : 1)
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const rule = heads.map((_, i) => (i === 0 ? '---' : '---:'))
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

export function resultsCsv(outcome: Outcome): string {
  const spreads = (name: string) => [`${name}_median`, `${name}_min`, `${name}_max`]
  const names = PERCENTILES.map((percent) => (percent === 100 ? 'max' : `p${percent}`))
  const head = [
    ...['policy', 'command', 'pipeline', 'clients', 'server', 'rounds'],
    ...spreads('requests_per_second'),
    ...spreads('average_us'),
    ...names.flatMap((name) => spreads(`latency_${name}_us`)),
    'load_bound',
  ]
  const numbers = ({ median, min, max }: Spread) =>
    [median, min, max].map((value) => value.toFixed(2))
  const rows = outcome.cases.flatMap((each) =>
    each.servers.map((server) => [
      ...[each.policy, each.command, each.pipeline, each.clients].map(String),
      server.server,
      String(server.rounds),
      ...numbers(server.requestsPerSecond),
      ...numbers(server.averageUs),
      ...server.latenciesUs.flatMap(numbers),
      String(server.isLoadBound),
    ]),
  )
  return [head, ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
