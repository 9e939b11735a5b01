/**
 * What a report measures: the cases, the servers, and the order of it all. Rounds are outermost and
 * the servers innermost, with the one that begins changing from case to case: whatever drifts on
 * the machine meanwhile hits all servers alike.
 */

/** `none` is without a log, the others are what `appendfsync` says. */
export type Policy = 'none' | 'no' | 'everysec' | 'always'

export const POLICIES: readonly Policy[] = ['none', 'no', 'everysec', 'always']
export const DEFAULT_COMMANDS: readonly string[] = ['get', 'set', 'incr', 'lpush', 'hset', 'zadd']
/** Tests that go on as long as one likes: those that take away would soon find nothing. */
export const REPORT_COMMANDS: readonly string[] = [
  ...DEFAULT_COMMANDS,
  ...['ping_mbulk', 'rpush', 'sadd', 'mset', 'lrange_100', 'lrange_300'],
]

export interface ServerProgram {
  name: string
  /** The program and its first arguments. */
  command: string[]
}

export interface ReportPlan {
  servers: ServerProgram[]
  commands: string[]
  policies: Policy[]
  pipelines: number[]
  clients: number[]
  rounds: number
  durationMs: number
  warmupMs: number
  keyCount: number
  valueBytes: number
  seed: number
}

export interface ReportCase {
  policy: Policy
  command: string
  pipeline: number
  clients: number
}

/** One measurement: a case, a server, a round. */
export interface Step extends ReportCase {
  round: number
  server: string
}

/** The steps that use the same running servers: those of a round and a policy. */
export interface Stage {
  round: number
  policy: Policy
  steps: Step[]
}

export function casesOf(plan: ReportPlan): ReportCase[] {
  return plan.policies.flatMap((policy) =>
    plan.commands.flatMap((command) =>
      plan.pipelines.flatMap((pipeline) =>
        plan.clients.map((clients) => ({ policy, command, pipeline, clients })),
      ),
    ),
  )
}

export function stagesOf(plan: ReportPlan): Stage[] {
  const cases = casesOf(plan)
  const rounds = Array.from({ length: plan.rounds }, (_, i) => i + 1)
  return rounds.flatMap((round) =>
    plan.policies.map((policy) => ({
      round,
      policy,
      steps: cases
        .filter((each) => each.policy === policy)
        .flatMap((each, index) =>
          rotated(plan.servers, round + index).map(({ name }) => ({
            ...each,
            round,
            server: name,
          })),
        ),
    })),
  )
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

/** The same for equal cases. */
export function caseKey({ policy, command, pipeline, clients }: ReportCase): string {
  return [policy, command, pipeline, clients].join(' ')
}

export function stepKey(step: Step): string {
  return [caseKey(step), step.round, step.server].join(' ')
}

/** How a policy is written for people. */
export function policyName(policy: Policy): string {
  return policy === 'none' ? 'no log' : policy
}
