/** MEMORY STATS, DOCTOR, PURGE, MALLOC-STATS and USAGE, and INFO memory, which has to agree. */
import { expect, test } from 'vitest'
import { doctorReport, findings } from '../../../src/commands/server/memory-doctor.ts'
import {
  type MemoryOverview,
  memoryOverview,
} from '../../../src/commands/server/memory-overview.ts'
import type { Server } from '../../../src/server/server.ts'
import {
  checkServer,
  InProcessClient,
  testServer,
  type ValueMap,
} from '../../support/in-process-client.ts'

const MB = 1024 * 1024

function setup(): { server: Server; client: InProcessClient } {
  const server = testServer()
  return { server, client: new InProcessClient(server) }
}

function info(client: InProcessClient, name: string): number {
  const report = String(client.value('INFO', 'memory'))
  return Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(report)?.[1])
}

function fill(client: InProcessClient, keys: number, prefix = 'key'): void {
  for (let i = 0; i < keys; i++) client.call('SET', `${prefix}:${i}`, 'x'.repeat(100))
}

test('MEMORY STATS agrees with INFO and the arena', () => {
  const { client, server } = setup()
  fill(client, 1000)
  client.call('SELECT', 3)
  fill(client, 10)
  client.call('DEL', 'key:9')
  client.call('HELLO', 3)
  const stats = client.value('MEMORY', 'STATS') as ValueMap
  const { arena, databases } = server.keyspace
  const clientBytes = server.clientMemory.totalBytes
  const usedBytes = arena.liveBytes + clientBytes
  const dicts = [0, 3].map((index) => databases[index]!.indexBytes)
  expect(stats.size).toBe(27 + 2)
  expect(stats.get('total.allocated')).toBe(usedBytes)
  expect(clientBytes).toBeGreaterThan(1000)
  expect(stats.get('allocator.allocated')).toBe(arena.liveBytes)
  expect(Number(stats.get('peak.allocated'))).toBeGreaterThanOrEqual(usedBytes)
  expect(stats.get('keys.count')).toBe(1009)
  expect(stats.get('keys.bytes-per-key')).toBe(Math.floor(usedBytes / 1009))
  expect([...(stats.get('db.3') as ValueMap)]).toEqual([
    ['overhead.hashtable.main', dicts[1]],
    ['overhead.hashtable.expires', 0],
    ['overhead.hashtable.slot-to-keys', 0],
  ])
  expect(stats.get('overhead.total')).toBe(dicts[0]! + dicts[1]! + clientBytes)
  expect(stats.get('dataset.bytes')).toBe(arena.liveBytes - dicts[0]! - dicts[1]!)
  expect(stats.get('allocator.active')).toBe(arena.reservedBytes)
  expect(stats.get('allocator.resident')).toBe(arena.touchedBytes)
  for (const [name, field] of [
    ['used_memory', 'total.allocated'],
    ['used_memory_overhead', 'overhead.total'],
    ['used_memory_dataset', 'dataset.bytes'],
    ['allocator_active', 'allocator.active'],
    ['allocator_resident', 'allocator.resident'],
    ['mem_clients_normal', 'clients.normal'],
  ] as const) {
    expect([name, info(client, name)]).toEqual([name, stats.get(field)])
  }
  checkServer(server)
})

test('sums over the keys are what the arena has', () => {
  const { client, server } = setup()
  fill(client, 500)
  for (let i = 0; i < 300; i++) client.call('RPUSH', 'list', 'x'.repeat(i))
  for (let i = 0; i < 300; i++) client.call('HSET', 'hash', `field${i}`, 'x'.repeat(i))
  const keys = client.value('KEYS', '*') as string[]
  const sum = keys.reduce((all, key) => all + Number(client.value('MEMORY', 'USAGE', key)), 0)
  const slots = keys.length * 5
  expect(sum - slots).toBe(info(client, 'used_memory_dataset'))
  const whole = client.value('MEMORY', 'USAGE', 'list', 'SAMPLES', 0)
  expect(client.value('MEMORY', 'USAGE', 'list', 'SAMPLES', 1)).toBe(whole)
  const { hits, misses } = server.keyspace
  expect(client.value('MEMORY', 'USAGE', 'none')).toBe(null)
  expect([server.keyspace.hits, server.keyspace.misses]).toEqual([hits, misses])
  checkServer(server)
})

test('MEMORY PURGE gives up what is empty, and all is well afterwards', () => {
  const { client, server } = setup()
  const { arena } = server.keyspace
  client.call('SET', 'large', 'x'.repeat(100_000))
  fill(client, 100)
  client.call('DEL', 'large')
  for (let i = 0; i < 100; i++) client.call('DEL', `key:${i}`)
  client.call('FLUSHALL')
  expect(arena.touchedBytes).toBeGreaterThan(0)
  expect(client.value('MEMORY', 'PURGE')).toBe('OK')
  expect(arena.touchedBytes).toBe(0)
  expect(arena.statistics().segments).toEqual({ slab: 0, run: 0, huge: 0 })
  server.keyspace.check()
  fill(client, 100)
  client.call('SET', 'large', 'x'.repeat(100_000))
  expect(client.value('GET', 'key:7')).toBe('x'.repeat(100))
  const { reservedBytes } = arena
  expect(client.value('MEMORY', 'PURGE')).toBe('OK')
  expect(arena.reservedBytes).toBeLessThanOrEqual(reservedBytes)
  expect(client.value('GET', 'large')).toBe('x'.repeat(100_000))
  checkServer(server)
})

test('MEMORY MALLOC-STATS has a line for each size of blocks in use', () => {
  const { client, server } = setup()
  fill(client, 100)
  const report = String(client.value('MEMORY', 'MALLOC-STATS'))
  expect(report).toContain(`Allocated: ${server.keyspace.arena.liveBytes}, active: `)
  expect(report).toContain('Segments: 1 of slabs, 0 of runs, 0 of one block\n')
  const used = [...report.matchAll(/^ +\d+ +\d+ +(\d+) +\d+ +[\d.]+%$/gm)].map((row) => +row[1]!)
  expect(used.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(100)
  client.call('HELLO', 3)
  expect(client.call('MEMORY', 'MALLOC-STATS')).toMatch(/^=\d+\r\ntxt:/)
})

test('MEMORY DOCTOR says when there is nothing to say', () => {
  const { client } = setup()
  expect(client.value('MEMORY', 'DOCTOR')).toContain('too little data')
  client.call('HELLO', 3)
  expect(client.call('MEMORY', 'DOCTOR')).toMatch(/^=\d+\r\ntxt:/)
})

test('MEMORY DOCTOR names what is conspicuous', () => {
  const { server } = setup()
  const even = { ratio: 1, bytes: 0 }
  const well: MemoryOverview = {
    ...memoryOverview(server),
    usedBytes: 100 * MB,
    peakBytes: 120 * MB,
    clientBytes: 5000,
    clients: 1,
    reservedToAllocated: even,
    touchedToReserved: even,
    residentToTouched: even,
    residentToUsed: even,
  }
  expect(doctorReport(well)).toContain('Nothing is conspicuous')
  const much = { ratio: 1.5, bytes: 20 * MB }
  const little = { ratio: 1.5, bytes: 9 * MB }
  const cases: [Partial<MemoryOverview>, RegExp][] = [
    [{ peakBytes: 200 * MB }, /^Peak: 200\.0 MB were in use once, 100\.0 MB/],
    [{ residentToUsed: much }, /^Resident memory: the process has 20\.0 MB more/],
    [{ reservedToAllocated: much }, /^Fragmentation: 20\.0 MB/],
    [{ touchedToReserved: much }, /^Kept memory: 20\.0 MB/],
    [{ residentToTouched: much }, /^Beside the data: 20\.0 MB/],
    [{ clientBytes: MB }, /^Clients: they take 1\.0 MB/],
  ]
  for (const [change, text] of cases) {
    const found = findings({ ...well, ...change })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(text)
    expect(doctorReport({ ...well, ...change })).toContain(` * ${found[0]}\n\n`)
  }
  expect(findings({ ...well, reservedToAllocated: little, touchedToReserved: little })).toEqual([])
})

test.each([
  ['SADD', ['member'.repeat(10)]],
  ['ZADD', ['1', 'member'.repeat(10)]],
  ['HSET', ['member'.repeat(10), 'value'.repeat(10)]],
])('%s of the same many times takes as much as once', (name, words) => {
  const { client } = setup()
  client.call(name, 'once', ...words)
  client.call(name, 'many', ...Array.from({ length: 60 }, () => words).flat())
  const [once, many] = ['once', 'many'].map((key) => client.value('MEMORY', 'USAGE', key))
  expect(many).toBe(once)
})
