/**
 * `redstart benchmark embedded`: the store as a library beside other ways to keep data in a
 * process. All contenders take their turn at an operation before the next one comes.
 */
import fs from 'node:fs'
import os from 'node:os'
import nodePath from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Store } from '../../../embedded/store.ts'
import { packageVersion } from '../../information.ts'
import { Histogram } from '../histogram.ts'
import type { Mode, OperationName, Session, Work } from './contender.ts'
import { EMBEDDED_USAGE, type EmbeddedOptions, parseEmbeddedOptions } from './embedded-options.ts'
import { type EmbeddedResult, resultTable } from './embedded-table.ts'
import { EmbeddedWorker } from './embedded-worker.ts'
import { type Measured, measure } from './measurement.ts'
import { type FoundPeer, findPeer, openPeer, PEERS } from './peers.ts'
import { fill, openStore, storeSession } from './redstart-session.ts'

const OWN = 'redstart'

/** Runs `redstart benchmark embedded` with the words behind it. @returns the status to exit with */
export async function runEmbedded(words: string[]): Promise<number> {
  let options: EmbeddedOptions | null
  try {
    options = parseEmbeddedOptions(words)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    fs.writeSync(2, `${error.message}\n\n${EMBEDDED_USAGE}`)
    return 1
  }
  if (options === null) {
    print(EMBEDDED_USAGE)
    return 0
  }
  const comparison = new Comparison(options)
  await comparison.run()
  return 0
}

/** Something that is measured, open in one thread or in several. */
interface Entrant {
  name: string
  note: string
  measure(operation: OperationName, durationMs: number): Promise<Measured[] | null>
  close(): Promise<void>
}

class Comparison {
  private readonly options: EmbeddedOptions
  private readonly peers: FoundPeer[]
  private readonly folder = fs.mkdtempSync(nodePath.join(os.tmpdir(), 'redstart-embedded-'))
  private readonly results: EmbeddedResult[] = []

  constructor(options: EmbeddedOptions) {
    this.options = options
    this.peers = findPeers(options.modules)
  }

  async run(): Promise<void> {
    const { modes, threads, json } = this.options
    try {
      for (const mode of modes) {
        for (const count of threads) await this.compare(mode, count)
      }
    } finally {
      fs.rmSync(this.folder, { recursive: true, force: true })
    }
    if (json === undefined) return
    const versions = this.peers.map(({ name, version }) => [name, version])
    const machine = { cores: os.cpus().length, model: os.cpus()[0]?.model, node: process.version }
    const report = {
      machine,
      versions: Object.fromEntries([[OWN, packageVersion()], ...versions]),
      options: this.options,
      results: this.results,
    }
    fs.writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`)
    print(`wrote ${json}\n`)
  }

  private async compare(mode: Mode, threads: number): Promise<void> {
    const where = threads === 1 ? 'in the thread itself' : `from ${threads} worker threads`
    print(`\n## ${mode === 'memory' ? 'In memory' : 'On disk'}, ${where}\n\n`)
    const results: EmbeddedResult[] = []
    const entrants = await this.open(mode, threads)
    try {
      for (const operation of this.options.operations) {
        for (const { entrant, rounds } of await this.measureInTurn(operation, entrants)) {
          const { name, note } = entrant
          const about = { mode, threads, operation, name, note }
          results.push(medianOf(rounds.map((measured) => resultOf(about, measured))))
        }
      }
    } finally {
      for (const entrant of entrants) await entrant.close()
    }
    this.results.push(...results)
    print(resultTable(results))
  }

  /** All that can do an operation, each with what was measured of it in every round. */
  private async measureInTurn(
    operation: OperationName,
    entrants: readonly Entrant[],
  ): Promise<{ entrant: Entrant; rounds: Measured[][] }[]> {
    const { durationMs, rounds, warmupMs } = this.options
    const able: { entrant: Entrant; rounds: Measured[][] }[] = []
    for (const entrant of entrants) {
      if ((await entrant.measure(operation, warmupMs)) !== null) able.push({ entrant, rounds: [] })
    }
    for (let round = 0; round < rounds; round++) {
      for (const each of able)
        each.rounds.push((await each.entrant.measure(operation, durationMs))!)
    }
    return able
  }

  private async open(mode: Mode, threads: number): Promise<Entrant[]> {
    const entrants = [await this.openOwn(this.work(OWN, mode, threads), threads)]
    for (const found of this.peers) {
      const peer = PEERS.find(({ name }) => name === found.name)!
      if (!peer.modes.includes(mode)) continue
      const work = this.work(found.name, mode, threads)
      const note = threads > 1 && !peer.sharesData(mode) ? 'a copy in each thread' : ''
      entrants.push(
        threads === 1
          ? this.inThread(found.name, await openPeer(found, work))
          : await this.inWorkers(found.name, note, openWorkers(threads, work, null, found)),
      )
    }
    return entrants
  }

  private work(name: string, mode: Mode, threads: number): Work {
    const folder = nodePath.join(this.folder, `${name}-${mode}-${threads}`)
    fs.mkdirSync(folder)
    const { keyCount, seed, valueBytes } = this.options
    return { mode, folder, keyCount, valueBytes, seed }
  }

  private async openOwn(work: Work, threads: number): Promise<Entrant> {
    const store = await openStore(work)
    fill(store, work)
    if (threads === 1) return this.inThread(OWN, storeSession(store, work))
    const entrant = await this.inWorkers(OWN, '', openWorkers(threads, work, store, null))
    return {
      ...entrant,
      close: async () => {
        await entrant.close()
        await store.close()
      },
    }
  }

  private inThread(name: string, session: Session): Entrant {
    return {
      name,
      note: '',
      measure: async (operation, durationMs) => {
        const run = session.operations[operation]
        if (run === undefined) return null
        return [await measure(session, run, durationMs)]
      },
      close: async () => {
        await session.close()
      },
    }
  }

  private async inWorkers(
    name: string,
    note: string,
    workers: readonly EmbeddedWorker[],
  ): Promise<Entrant> {
    // One after the other: the first one makes and fills the files of those that have files.
    for (const worker of workers) await worker.ready
    return {
      name,
      note,
      measure: async (operation, durationMs) => {
        const measured = await Promise.all(
          workers.map((worker) => worker.measure({ operation, durationMs })),
        )
        const all = measured.filter((each) => each !== null)
        return all.length === 0 ? null : all
      },
      close: async () => {
        for (const worker of workers) await worker.close()
      },
    }
  }
}

function openWorkers(
  threads: number,
  work: Work,
  store: Store | null,
  peer: FoundPeer | null,
): EmbeddedWorker[] {
  return Array.from({ length: threads }, (_, i) => {
    const own = { ...work, seed: work.seed + i }
    return new EmbeddedWorker(own, store === null ? null : store.share(), peer)
  })
}

/** The peers that are installed; of the others it is said how to have them. */
function findPeers(modules: string | undefined): FoundPeer[] {
  const repository = fileURLToPath(new URL('../../bench/embedded', import.meta.url))
  const folders = [...(modules === undefined ? [] : [modules]), process.cwd(), repository]
  const found: FoundPeer[] = []
  const absent: string[] = []
  for (const peer of PEERS) {
    const place = findPeer(peer, folders)
    if (place !== undefined) found.push(place)
    else absent.push(peer.packageName!)
  }
  if (absent.length > 0) {
    fs.writeSync(
      2,
      `Not installed, and left out: ${absent.join(', ')}. To have them measured too: ` +
        `npm install --no-save ${absent.join(' ')}\n`,
    )
  }
  return found
}

/** The round whose throughput is in the middle, the lower one of two. */
export function medianOf(rounds: readonly EmbeddedResult[]): EmbeddedResult {
  const sorted = rounds.toSorted((a, b) => a.operationsPerSecond - b.operationsPerSecond)
  return sorted[(sorted.length - 1) >> 1]!
}

function resultOf(
  about: Pick<EmbeddedResult, 'mode' | 'threads' | 'operation' | 'name' | 'note'>,
  measured: readonly Measured[],
): EmbeddedResult {
  const latencies = new Histogram(3)
  for (const { counts } of measured) latencies.add(new Histogram(3, counts))
  const operations = measured.reduce((sum, each) => sum + each.operations, 0)
  const elapsedMs = Math.max(...measured.map((each) => each.elapsedMs))
  return {
    ...about,
    operations,
    operationsPerSecond: (operations * 1000) / elapsedMs,
    averageUs: latencies.meanUs / 1000,
    p95Us: latencies.percentileUs(95) / 1000,
    p99Us: latencies.percentileUs(99) / 1000,
  }
}

function print(text: string): void {
  fs.writeSync(1, text)
}
