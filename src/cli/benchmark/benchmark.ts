/**
 * `redstart benchmark`: puts a load on a server and says how it fared, as redis-benchmark does.
 */
import fs from 'node:fs'
import { Random } from '../../platform/random.ts'
import { packageVersion } from '../information.ts'
import { createBatches } from './batches.ts'
import { Histogram } from './histogram.ts'
import { LoadError, type LoadResult, runLoad } from './load-run.ts'
import { LoadThread } from './load-thread.ts'
import { type BenchmarkOptions, parseOptions } from './options.ts'
import {
  CSV_HEAD,
  csvReport,
  fullReport,
  ProgressLine,
  quietReport,
  type TestReport,
} from './output.ts'
import { Tally } from './tally.ts'
import { commandTest, type LoadTest, mixedTest, selectTests } from './tests.ts'
import { USAGE } from './usage.ts'
import { WireClient } from './wire-client.ts'

/** From this part of a core on the benchmark is said to be at its own limit. */
const OWN_LIMIT = 0.95
/** So many batches in a hundred may be sent late before it is said. */
const LATE_LIMIT = 0.01

/** Runs `redstart benchmark` with the words behind it. @returns the status to exit with */
export async function runBenchmark(words: string[]): Promise<number> {
  if (words[0] === 'report') return (await import('./report/report.ts')).runReport(words.slice(1))
  if (words[0] === 'embedded') {
    return (await import('./embedded/embedded.ts')).runEmbedded(words.slice(1))
  }
  const parsed = parseOptions(words)
  if (parsed.kind === 'help') print(USAGE)
  else if (parsed.kind === 'version') print(`redstart benchmark ${packageVersion()}\n`)
  else if (parsed.kind === 'invalid') print(`${parsed.text}\n\n${USAGE}`)
  if (parsed.kind !== 'run') return parsed.kind === 'invalid' ? 1 : 0
  for (const warning of parsed.warnings) warn(warning)
  try {
    await new Benchmark(parsed.options).run()
    return 0
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    warn(error.message)
    return 1
  }
}

class Benchmark {
  private readonly options: BenchmarkOptions
  private serverConfig: TestReport['serverConfig'] = null
  private hasHinted = false

  constructor(options: BenchmarkOptions) {
    this.options = options
  }

  async run(): Promise<void> {
    const { options } = this
    const tests = this.tests()
    this.serverConfig = await this.askConfig()
    if (!options.keepAlive) warn(KEEPALIVE_WARNING)
    if (options.command.length > 0 && options.tests !== null) {
      warn('WARNING: Option -t is ignored.')
    }
    if (options.isIdle) return this.stayIdle()
    if (options.isCsv) print(CSV_HEAD)
    do {
      for (const test of tests) await this.runOrLeaveOut(test)
      if (options.command.length === 0 && !options.isCsv) print('\n')
    } while (options.isLoop)
  }

  private tests(): LoadTest[] {
    const { options } = this
    const hasNumbers = options.keyCount !== null
    if (options.command.length > 0) {
      const title = options.command.join(' ')
      const last = options.takesStdin ? [fs.readFileSync(0)] : []
      return [commandTest([...options.command, ...last], title)]
    }
    if (options.mixture === null) return selectTests(options.tests, hasNumbers)
    const { names, weights } = options.mixture
    const test = mixedTest(names, weights, hasNumbers)
    if (test === undefined) throw new LoadError(`--ratio: ${names.join(':')}: no such tests`)
    return [test]
  }

  /** Asks for what redis-benchmark shows of the server; a server may refuse. */
  private async askConfig(): Promise<TestReport['serverConfig']> {
    const client = await WireClient.connect(this.options.target)
    try {
      const save = await client.call('CONFIG', 'GET', 'save')
      const appendonly = await client.call('CONFIG', 'GET', 'appendonly')
      if (save.type === 'array' && appendonly.type === 'array') {
        return {
          save: save.elements[1]?.text ?? '',
          appendonly: appendonly.elements[1]?.text ?? '',
        }
      }
      warn('WARNING: Could not fetch server CONFIG')
      return null
    } finally {
      client.close()
    }
  }

  /** Of all tests, one is left out whose command the server has not; one that was named is not. */
  private async runOrLeaveOut(test: LoadTest): Promise<void> {
    try {
      await this.runTest(test)
    } catch (error) {
      const { command, mixture, tests } = this.options
      const isNamed = command.length > 0 || mixture !== null || tests !== null
      if (isNamed || !isUnknownCommand(error)) throw error
      warn(`NOTE: ${test.title} is left out: the server has no such command.`)
    }
  }

  private async runTest(test: LoadTest): Promise<void> {
    const { options } = this
    const { title, makers, cycle } = test
    const plan = {
      makers,
      cycle,
      pipeline: options.pipeline,
      sizes: options.sizes,
      hasNumbers: options.keyCount !== null,
    }
    const batches = createBatches(plan, new Random(options.seed))
    const progress = new ProgressLine(title, options.requests)
    const result = await runLoad(
      {
        ...options,
        batches,
        kinds: makers.length,
        keyCount: options.keyCount ?? 0,
        length: { requests: options.requests },
      },
      options.isCsv ? undefined : (now) => print(progress.show(now)),
    )
    const latencies = new Histogram(options.digits)
    for (const histogram of result.histograms) latencies.add(histogram)
    const report: TestReport = {
      title,
      answered: result.answered,
      elapsedMs: result.elapsedMs,
      clients: options.clients,
      // As in redis-benchmark, a command of one's own counts whole.
      payload:
        options.command.length > 0
          ? String(batches[0]!.bytes.length / options.pipeline)
          : options.sizes.text,
      keepAlive: options.keepAlive,
      threads: options.threads,
      serverConfig: this.serverConfig,
      rate: options.rate,
      latencies,
      parts: test.parts.map((name, kind) => ({ name, latencies: result.histograms[kind]! })),
    }
    if (options.isCsv) print(csvReport(report))
    else print(progress.clear() + (options.isQuiet ? quietReport(report) : fullReport(report)))
    this.sayOwnLimit(result)
  }

  /** Says when it was not the server that was measured. */
  private sayOwnLimit({ cpuFraction, lateFraction }: LoadResult): void {
    const { threads, rate } = this.options
    if (this.hasHinted) return
    if (rate > 0 && lateFraction > LATE_LIMIT) {
      const percent = (lateFraction * 100).toFixed(0)
      warn(
        `NOTE: ${percent} % of requests left more than 1 ms late: the benchmark itself cannot ` +
          'keep this rate, and its latencies are partly its own.',
      )
      this.hasHinted = true
    } else if (rate === 0 && cpuFraction > OWN_LIMIT) {
      const percent = Math.min(100, cpuFraction * 100).toFixed(0)
      const more = threads > 0 ? 'each thread of the benchmark' : 'the benchmark itself'
      warn(
        `NOTE: ${more} used ${percent} % of a core: it may be what limits this figure, not the ` +
          `server. Try --threads ${Math.max(2, threads * 2)} if there are cores to spare.`,
      )
      this.hasHinted = true
    }
  }

  /** Opens connections and waits until it is ended from without. */
  private stayIdle(): Promise<void> {
    const { options } = this
    const { clients } = options
    print(`Creating ${clients} idle connections and waiting forever (Ctrl+C when done)\n`)
    return new Promise((_resolve, reject) => {
      const thread = new LoadThread(
        {
          ...options,
          batches: [{ bytes: Buffer.alloc(0), numberOffsets: new Int32Array(0), ...NOTHING }],
          keyCount: 0,
          rate: 0,
          kinds: 1,
          tallyMemory: new Tally(1, options.digits).memory,
          claimed: new SharedArrayBuffer(4),
          maxBatches: 0,
        },
        {
          onReady: () => {},
          onDone: () => {},
          onError: (text) => reject(new LoadError(text)),
        },
      )
      setInterval(() => print(`clients: ${thread.connectedClients}\r`), 250)
    })
  }
}

function isUnknownCommand(error: unknown): boolean {
  return error instanceof LoadError && error.message.includes('ERR unknown command')
}

const NOTHING = { kinds: new Uint8Array(0), requests: 1 }

const KEEPALIVE_WARNING =
  'WARNING: Keepalive disabled: each request opens a connection. With many of them the system ' +
  "runs out of ports; on Linux 'echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse' may help, on macOS " +
  "'sudo sysctl -w net.inet.tcp.msl=1000'."

function print(text: string): void {
  fs.writeSync(1, text)
}

function warn(line: string): void {
  fs.writeSync(2, `${line}\n`)
}
