/** A report's plan and results, made up: what the tests of reports draw and write. */
import {
  type ReportPlan,
  type Step,
  stagesOf,
} from '../../../../src/cli/benchmark/report/matrix.ts'
import type { Header, Sample } from '../../../../src/cli/benchmark/report/results.ts'

export function planOf(change: Partial<ReportPlan> = {}): ReportPlan {
  return {
    servers: [
      { name: 'redstart', command: ['redstart'] },
      { name: 'redis <7.2>', command: ['redis-server'] },
    ],
    commands: ['get', 'set', 'incr', 'lpush'],
    policies: ['none', 'everysec', 'always'],
    pipelines: [1, 16],
    clients: [1, 50, 200],
    rounds: 3,
    durationMs: 2000,
    warmupMs: 500,
    keyCount: 1000,
    valueBytes: 16,
    seed: 1,
    ...change,
  }
}

export function headerOf(plan: ReportPlan): Header {
  return {
    format: 1,
    plan,
    machine: {
      cores: 2,
      model: 'Processor & Co',
      memoryGb: 8,
      system: 'Linux 6',
      node: 'v20.19.0',
      began: '2026-01-02T03:04:05.000Z',
      versions: { redstart: '0.1.0', 'redis <7.2>': '7.2.6' },
    },
  }
}

/** The second server is half as fast; each round a tenth faster than the one before. */
export function sampleOf(step: Step): Sample {
  const server = step.server === 'redstart' ? 1 : 0.5
  const requestsPerSecond = 10_000 * step.pipeline * server * (1 + (step.round - 2) * 0.1)
  const latencyUs = (1e6 * step.clients * step.pipeline) / requestsPerSecond
  return {
    ...step,
    requests: requestsPerSecond * 2,
    seconds: 2,
    requestsPerSecond,
    averageUs: latencyUs,
    latenciesUs: [1, 1.1, 1.3, 1.6, 2, 4, 8, 10].map((factor) => latencyUs * factor),
    loadCpu: step.pipeline === 16 ? 0.99 : 0.5,
  }
}

export function resultsOf(plan: ReportPlan): { header: Header; samples: Sample[] } {
  const steps = stagesOf(plan).flatMap((stage) => stage.steps)
  return { header: headerOf(plan), samples: steps.map(sampleOf) }
}
