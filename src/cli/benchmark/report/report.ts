/**
 * `redstart benchmark report`: measures a whole matrix and writes it up. Results are on disk after
 * every measurement; `--resume` makes the missing ones.
 */
import fs from 'node:fs'
import os from 'node:os'
import nodePath from 'node:path'
import { Random } from '../../../platform/random.ts'
import { createBatches } from '../batches.ts'
import { fixedSize, printableValue } from '../data-sizes.ts'
import { LoadError, runLoad } from '../load-run.ts'
import { duration } from '../output.ts'
import { selectTests } from '../tests.ts'
import type { WireClient } from '../wire-client.ts'
import { policyName, type ReportPlan, type Step, stagesOf, stepKey } from './matrix.ts'
import { parseReportOptions, REPORT_USAGE } from './report-options.ts'
import { type Header, latenciesOf, Results, ResultsError, type Sample } from './results.ts'
import { type RunningServer, startServer, versionOf } from './servers.ts'

const DIGITS = 3
const FILL_KEYS = 500
/** What a shell calls the status of a program that Ctrl-C has ended. */
const INTERRUPTED = 130
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs `redstart benchmark report` with the words behind it. @returns the status to exit with */
export async function runReport(words: string[]): Promise<number> {
  const redstart = [process.execPath, nodePath.resolve(process.argv[1]!)]
  const parsed = parseReportOptions(words, redstart, new Date())
  if (parsed.kind === 'help') print(REPORT_USAGE)
  if (parsed.kind === 'invalid') fs.writeSync(2, `${parsed.text}\n\n${REPORT_USAGE}`)
  if (parsed.kind === 'help' || parsed.kind === 'invalid') return parsed.kind === 'help' ? 0 : 1
  try {
    const results =
      parsed.kind === 'resume'
        ? Results.open(parsed.folder)
        : Results.create(parsed.folder, describe(parsed.plan))
    return await new ReportRun(parsed.folder, results).run()
  } catch (error) {
    if (!(error instanceof LoadError || error instanceof ResultsError)) throw error
    fs.writeSync(2, `${error.message}\n`)
    return 1
  }
}

function describe(plan: ReportPlan): Header {
  const cpus = os.cpus()
  return {
    format: 1,
    plan,
    machine: {
      cores: cpus.length,
      model: cpus[0]?.model ?? os.arch(),
      memoryGb: Math.round(os.totalmem() / 2 ** 30),
      system: `${os.type()} ${os.release()}`,
      node: process.version,
      began: new Date().toISOString(),
      versions: Object.fromEntries(plan.servers.map((each) => [each.name, versionOf(each)])),
    },
  }
}

class ReportRun {
  private readonly folder: string
  private readonly results: Results
  private readonly plan: ReportPlan
  private isInterrupted = false
  private readonly beganMs = performance.now()
  private measured = 0

  constructor(folder: string, results: Results) {
    this.folder = folder
    this.results = results
    this.plan = results.header.plan
  }

  async run(): Promise<number> {
    const interrupt = (): void => {
      if (this.isInterrupted) process.exit(INTERRUPTED)
      this.isInterrupted = true
      print('\nEnding after this measurement …\n')
    }
    for (const signal of ENDING_SIGNALS) process.on(signal, interrupt)
    try {
      await this.measureMissing()
    } catch (error) {
      print(this.howToGoOn())
      throw error
    } finally {
      this.results.close()
      fs.rmSync(this.dataFolder, { recursive: true, force: true })
      for (const signal of ENDING_SIGNALS) process.off(signal, interrupt)
    }
    if (this.isInterrupted) {
      print(`Interrupted. ${this.howToGoOn()}`)
      return INTERRUPTED
    }
    const { writeReport } = await import('./write-report.ts')
    for (const path of await writeReport(this.folder, this.results)) print(`wrote ${path}\n`)
    return 0
  }

  private howToGoOn(): string {
    return `Go on with: redstart benchmark report --resume ${this.folder}\n`
  }

  private get dataFolder(): string {
    return nodePath.join(this.folder, 'data')
  }

  private async measureMissing(): Promise<void> {
    const done = new Set(this.results.samples.map(stepKey))
    const stages = stagesOf(this.plan).map((stage) => ({
      ...stage,
      steps: stage.steps.filter((step) => !done.has(stepKey(step))),
    }))
    const missing = stages.reduce((sum, { steps }) => sum + steps.length, 0)
    if (done.size > 0) print(`${done.size} measurements are there, ${missing} are missing.\n`)
    for (const { policy, steps } of stages) {
      if (steps.length === 0 || this.isInterrupted) continue
      const servers: RunningServer[] = []
      try {
        for (const program of this.plan.servers) {
          servers.push(await startServer(program, policy, this.dataFolder))
        }
        await this.measureSteps(steps, servers, missing)
      } finally {
        await Promise.all(servers.map((server) => server.close()))
      }
    }
  }

  private async measureSteps(
    steps: readonly Step[],
    servers: readonly RunningServer[],
    missing: number,
  ): Promise<void> {
    for (const step of steps) {
      if (this.isInterrupted) return
      const server = servers.find(({ name }) => name === step.server)!
      const sample = await this.measure(step, server)
      this.results.add(sample)
      this.measured++
      const spentMs = performance.now() - this.beganMs
      const leftMs = (spentMs / this.measured) * (missing - this.measured)
      print(
        `[${this.measured}/${missing}] round ${step.round} ${policyName(step.policy)} ` +
          `${step.command.toUpperCase()} P=${step.pipeline} c=${step.clients} ${step.server}: ` +
          `${Math.round(sample.requestsPerSecond).toLocaleString('en-US')}/s, ` +
          `${duration(leftMs)} left\n`,
      )
    }
  }

  private async measure(step: Step, server: RunningServer): Promise<Sample> {
    const { plan } = this
    await prepare(server.client, step.command, plan)
    const [test] = selectTests([step.command], true).slice(-1)
    const { makers, cycle } = test!
    const sizes = fixedSize(plan.valueBytes)
    const batches = createBatches(
      { makers, cycle, pipeline: step.pipeline, sizes, hasNumbers: true },
      new Random(plan.seed),
    )
    const result = await runLoad({
      target: server.target,
      clients: step.clients,
      threads: 0,
      batches,
      kinds: 1,
      distribution: { kind: 'uniform' },
      keyCount: plan.keyCount,
      seed: plan.seed + step.round,
      keepAlive: true,
      rate: 0,
      digits: DIGITS,
      length: { warmupMs: plan.warmupMs, durationMs: plan.durationMs },
    })
    const latencies = result.histograms[0]!
    return {
      ...step,
      requests: result.answered,
      seconds: result.elapsedMs / 1000,
      requestsPerSecond: (result.answered * 1000) / result.elapsedMs,
      averageUs: latencies.meanUs,
      latenciesUs: latenciesOf(latencies),
      loadCpu: result.cpuFraction,
    }
  }
}

/** Empties the server and puts in what the command is to find. */
async function prepare(client: WireClient, command: string, plan: ReportPlan): Promise<void> {
  await expectOk(client, 'FLUSHALL')
  const value = printableValue(plan.valueBytes).toString('latin1')
  if (command === 'get') {
    for (let key = 0; key < plan.keyCount; key += FILL_KEYS) {
      const count = Math.min(FILL_KEYS, plan.keyCount - key)
      const pairs = Array.from({ length: count }, (_, i) => [
        `key:${String(key + i).padStart(12, '0')}`,
        value,
      ])
      await expectOk(client, 'MSET', ...pairs.flat())
    }
  } else if (command.startsWith('lrange')) {
    await client.call('RPUSH', 'mylist', ...Array.from({ length: 1000 }, () => value))
  }
}

async function expectOk(client: WireClient, ...words: string[]): Promise<void> {
  const { text } = await client.call(...words)
  if (text !== 'OK') throw new LoadError(`${words[0]}: ${text}`)
}

function print(text: string): void {
  fs.writeSync(1, text)
}
