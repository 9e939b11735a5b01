/**
 * A whole server in this process on a simulated disk: one client does numbered steps (writer.ts),
 * rewrites and saves come in between, what goes on off the thread is done at random moments, and
 * after every operation on the disk the states are taken that a power cut there might leave. On
 * each of them another server is started, which must have the first n steps of the client, and all
 * that were promised, or must refuse to start.
 *
 * Time stands still but for what the run itself adds, and the seed decides the rest, so that a
 * failure comes again.
 */
import { createHash } from 'node:crypto'
import { ManualClock } from '../../../src/platform/clock.ts'
import { Random } from '../../../src/platform/random.ts'
import { LoadError } from '../../../src/server/loading.ts'
import type { Server } from '../../../src/server/server.ts'
import { type CrashModel, crash, crashStates } from '../../support/crash-states.ts'
import { decodeAll, InProcessClient, testServer } from '../../support/in-process-client.ts'
import { type Operation, SimulatedDisk } from '../../support/simulated-disk.ts'
import { loadedContent, loadedTransactions, prefixOf, requestsOf } from './writer.ts'

/** `dump` keeps no log: what is promised is what SAVE has saved. */
export type Promises = 'always' | 'everysec' | 'no' | 'dump'

export interface RunOptions {
  promises: Promises
  model: CrashModel
  steps: number
  /** States of each moment. */
  statesPerOperation: number
  seed: number
}

export interface RunResult {
  /** States tried, how many of them were different, and how many of those were refused. */
  states: number
  distinct: number
  refused: number
  /** What the refusals said, and how often. */
  refusals: Map<string, number>
}

const CLIENT = 0
const EVERYSEC_MS = 2000
const READS = new Set(['read', 'list', 'close'])
/** One in so many states is also cut from power while it recovers. */
const CUT_AGAIN_EVERY = 40

/** Monotonic time goes on a little whenever it is looked at, so that slices end. */
class SlicedClock extends ManualClock {
  override monotonicMicroseconds(): number {
    this.tickUs += 150
    return this.tickUs
  }
}

function serverOn(disk: SimulatedDisk, promises: Promises, clock: ManualClock): Server {
  return testServer({
    files: disk,
    clock,
    debugArena: false,
    config: {
      dir: '/data',
      save: '',
      appendonly: promises === 'dump' ? 'no' : 'yes',
      appendfsync: promises === 'dump' ? 'no' : promises,
      'auto-aof-rewrite-percentage': '0',
    },
  })
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** A state that a power cut may leave, and what must be in it. */
interface Moment {
  readonly disk: SimulatedDisk
  readonly promised: number
  readonly sent: number
  readonly name: string
}

export class SimulatedRun {
  private readonly options: RunOptions
  private readonly random: Random
  private readonly clock = new SlicedClock()
  private readonly disk = new SimulatedDisk({ directories: ['/data'] })
  private sent = 0
  private saved = 0
  /** When each step was acknowledged; the index is the step less one. */
  private readonly acknowledgedMs: number[] = []
  private moments: Moment[] = []
  /** How many steps each state held that was tried already, by its digest; -1 if it was refused. */
  private readonly known = new Map<string, number>()
  private readonly result: RunResult = { states: 0, distinct: 0, refused: 0, refusals: new Map() }

  constructor(options: RunOptions) {
    this.options = options
    this.random = new Random(options.seed)
    this.disk.onOperation = (operation) => this.take(operation)
  }

  async run(): Promise<RunResult> {
    const server = serverOn(this.disk, this.options.promises, this.clock)
    await server.loading.start()
    const client = new InProcessClient(server)
    const control = new InProcessClient(server)
    for (let step = 1; step <= this.options.steps; step++) {
      await this.doStep(server, client, step)
      this.doAside(control, step)
      await this.letPass(server)
      await this.tryMoments()
    }
    for (let i = 0; i < 20; i++) {
      this.clock.advance(500)
      this.disk.settle()
      server.everyHundredMs()
      await nextRound()
    }
    await this.tryMoments()
    return this.result
  }

  private async doStep(server: Server, client: InProcessClient, step: number): Promise<void> {
    const requests = requestsOf(CLIENT, step)
    this.sent = step
    let count = 0
    let received = ''
    for (const request of requests) received += client.call(...request)
    for (let round = 0; (count = decodeAll(received).length) < requests.length; round++) {
      if (round > 1000) throw new Error(`step ${step} is not answered: ${received}`)
      await this.letPass(server)
      received += client.take()
    }
    if (count !== requests.length || received.includes('\r\n-') || received[0] === '-') {
      throw new Error(`step ${step}: ${received}`)
    }
    this.acknowledgedMs.push(this.clock.nowMs)
  }

  /** Now and then what changes the files. */
  private doAside(control: InProcessClient, step: number): void {
    const dice = this.random.below(100)
    const hasLog = this.options.promises !== 'dump'
    if (dice < 5 && hasLog) control.call('BGREWRITEAOF')
    else if (dice < 8) control.call('BGSAVE')
    else if (dice < 15 && (!hasLog || dice < 10)) {
      if (control.call('SAVE') === '+OK\r\n') this.saved = step
    }
  }

  private async letPass(server: Server): Promise<void> {
    if (this.random.below(3) === 0) this.disk.settle(1 + this.random.below(3))
    if (this.random.below(2) === 0) {
      this.clock.advance(this.random.below(300))
      server.keyspace.tick()
      server.everyHundredMs()
    }
    await nextRound()
  }

  private get promised(): number {
    const { promises } = this.options
    if (promises === 'always') return this.acknowledgedMs.length
    if (promises === 'dump') return this.saved
    if (promises === 'no') return 0
    const limitMs = this.clock.nowMs - EVERYSEC_MS
    return this.acknowledgedMs.findLastIndex((timeMs) => timeMs <= limitMs) + 1
  }

  private take({ number, kind, path }: Operation): void {
    if (READS.has(kind)) return
    const { model, statesPerOperation: count } = this.options
    const { promised, sent } = this
    const name = `after operation ${number}, ${kind} ${path}`
    for (const disk of crashStates(this.disk, { model, count, seed: number })) {
      this.moments.push({ disk, promised, sent, name })
    }
  }

  private async tryMoments(): Promise<void> {
    const moments = this.moments
    this.moments = []
    for (const moment of moments) {
      const isCutAgain = this.result.states++ % CUT_AGAIN_EVERY === 0
      await this.tryMoment(moment, isCutAgain)
    }
  }

  private async tryMoment(moment: Moment, isCutAgain: boolean): Promise<void> {
    const digest = digestOf(moment.disk)
    let steps = this.known.get(digest)
    if (steps === undefined) {
      const again: Moment[] = []
      steps = await this.recover(moment, isCutAgain ? again : null)
      this.known.set(digest, steps)
      this.result.distinct++
      this.result.states += again.length
      for (const next of again) await this.tryMoment(next, false)
    }
    if (steps >= 0 && (steps < moment.promised || steps > moment.sent)) {
      throw new Error(
        `${moment.name}: ${steps} steps of ${moment.sent}, ${moment.promised} were promised\n` +
          describeDisk(moment.disk),
      )
    }
  }

  /** @returns how many steps a server finds on that disk; -1 if it refuses to start */
  private async recover(moment: Moment, again: Moment[] | null): Promise<number> {
    const { disk } = moment
    const before = describeDisk(disk)
    const { promises, model } = this.options
    disk.later = 'soon'
    if (again !== null) {
      disk.onOperation = ({ number, kind, path }) => {
        if (READS.has(kind)) return
        const name = `${moment.name}, and operation ${number} of recovery, ${kind} ${path}`
        for (const state of crashStates(disk, { model, count: 3, seed: number })) {
          again.push({ ...moment, disk: state, name })
        }
      }
    }
    const server = serverOn(disk, promises, new ManualClock(this.clock.nowMs))
    try {
      await server.loading.start()
    } catch (error) {
      if (!(error instanceof LoadError)) throw new Error(`${moment.name}: ${error}\n${before}`)
      this.refused(error.message)
      return -1
    }
    disk.onOperation = null
    const client = new InProcessClient(server)
    const caller = {
      call: async (...request: (string | number)[]) =>
        Buffer.from(client.call(...request), 'latin1'),
    }
    try {
      const transactions = (await loadedTransactions(caller)).get(CLIENT) ?? []
      const steps = prefixOf(CLIENT, await loadedContent(caller, CLIENT), transactions)
      if (promises !== 'dump' && again !== null) await this.checkSafe(moment, steps)
      return steps
    } catch (error) {
      throw new Error(`${moment.name}: ${error}\n${before}`)
    }
  }

  /** Whoever is served by a server that has recovered never sees what a power cut takes again. */
  private async checkSafe({ disk, name }: Moment, steps: number): Promise<void> {
    const least = { disk: crash(disk, 'least'), promised: 0, sent: this.sent, name }
    const found = await this.recover(least, null)
    if (found !== steps) throw new Error(`${steps} steps were served, and ${found} were safe`)
  }

  private refused(message: string): void {
    const text = message.replace(/\d+/g, 'N')
    this.result.refused++
    this.result.refusals.set(text, (this.result.refusals.get(text) ?? 0) + 1)
  }
}

function digestOf(disk: SimulatedDisk): string {
  const hash = createHash('sha1')
  for (const [path, bytes] of disk.contents())
    hash.update(`${path} ${bytes.length}\0`).update(bytes)
  return hash.digest('base64')
}

function describeDisk(disk: SimulatedDisk): string {
  const files = [...disk.contents()].map(([path, bytes]) => {
    const text = Buffer.from(bytes).toString('latin1')
    return path.endsWith('.manifest') ? `${path}:\n${text}` : `${path}: ${bytes.length} bytes`
  })
  return files.join('\n')
}
