/**
 * `npm run bench`: Redis and Redstart on the same machine, with the same settings, in turn.
 *
 * Prints Markdown tables with both servers' numbers, their ratios and the targets. Only ratios out
 * of one run mean anything: the machine's speed changes from hour to hour. The flags are listed in
 * options.ts; progress goes to standard error. REDIS_SERVER names another redis-server, REDSTART
 * another command in Redstart's place.
 */
import fs from 'node:fs'
import { referenceVersion } from '../test/differential/support/reference.ts'
import { measureCollectionStalls } from './collection-stalls.ts'
import { measureCollections } from './collections.ts'
import { measureIdle } from './idle.ts'
import { measureLoading } from './loading.ts'
import { measureLogPolicies } from './log-policies.ts'
import { measureMemory } from './memory.ts'
import { type BenchOptions, readOptions } from './options.ts'
import {
  collectionMemoryTable,
  collectionStallTable,
  collectionTable,
  describeMachine,
  idleTable,
  loadingTable,
  logTable,
  memoryTable,
  serviceTable,
  snapshotTable,
  stallTable,
  startupTable,
  throughputTable,
} from './report.ts'
import { measureServices } from './services.ts'
import { measureSnapshots } from './snapshots.ts'
import { measureStartup } from './startup.ts'
import { measureThroughput } from './throughput.ts'

// The servers and redis-benchmark are ended by handlers of 'exit', which a signal alone skips.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130))
}

async function run(options: BenchOptions): Promise<void> {
  const machine = describeMachine()
  const print = (text: string): boolean => process.stdout.write(`${text}\n`)
  const onProgress = (text: string): boolean => process.stderr.write(`… ${text}\n`)
  print(`${machine}\nMedians of ${options.rounds}; 50 connections, a million random keys.\n`)

  const throughput = await measureThroughput(options, onProgress)
  if (throughput.length > 0) print(`${throughputTable(throughput)}\n`)
  const { memory, stalls } = await measureMemory(options, onProgress)
  if (memory.length > 0) print(`${memoryTable(memory)}\n`)
  if (stalls.length > 0) print(`${stallTable(stalls)}\n`)
  const collections = await measureCollections(options, onProgress)
  if (collections.speeds.length > 0) {
    print(`${collectionTable(collections.speeds)}\n`)
    print(`${collectionMemoryTable(collections.memory)}\n`)
  }
  const collectionStalls = await measureCollectionStalls(options, onProgress)
  if (collectionStalls.length > 0) print(`${collectionStallTable(collectionStalls)}\n`)
  const log = await measureLogPolicies(options, onProgress)
  if (log.length > 0) print(`${logTable(log)}\n`)
  const loading = await measureLoading(options, onProgress)
  if (loading.length > 0) print(`${loadingTable(loading, options.durableKeys)}\n`)
  const snapshots = await measureSnapshots(options, onProgress)
  if (snapshots.length > 0) print(`${snapshotTable(snapshots)}\n`)
  const services = await measureServices(options, onProgress)
  if (services.length > 0) print(`${serviceTable(services)}\n`)
  const idle = await measureIdle(options, onProgress)
  if (idle !== undefined) print(`${idleTable(idle)}\n`)
  const startup = await measureStartup(options, onProgress)
  if (startup) print(`${startupTable(startup)}\n`)

  if (options.json !== undefined) {
    const { rounds } = options
    const all = {
      machine,
      rounds,
      throughput,
      memory,
      stalls,
      collections,
      collectionStalls,
      log,
      loading,
      snapshots,
      services,
      idle,
      startup,
    }
    fs.writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`)
  }
}

try {
  const options = readOptions(process.argv.slice(2))
  if (referenceVersion === undefined) throw new Error('no redis-server on the path')
  await run(options)
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
