/**
 * `redstart benchmark` beside redis-benchmark, against one server: what they print has the same
 * form, numbers apart, and what they leave in the server is the same.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReference } from './support/reference.ts'
import type { RunningServer } from './support/server-process.ts'
import { WireClient } from './support/wire.ts'

const COMMAND = fileURLToPath(new URL('../../dist/cli/redstart.js', import.meta.url))
const OURS = [process.execPath, COMMAND, 'benchmark']
const THEIRS = ['redis-benchmark']

interface Outcome {
  status: number | null
  stdout: string
  stderr: string
}

let server: RunningServer

beforeAll(async () => {
  server = await startReference({ flags: ['--enable-debug-command', 'yes'] })
})

afterAll(() => server.close())

/** Runs a benchmark against the server. */
function run(program: readonly string[], line: string, input?: string): Promise<Outcome> {
  return execute([...program, '-p', String(server.port), ...line.split(' ')], input)
}

function execute([program, ...args]: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { cwd: path.dirname(COMMAND) })
    const outcome: Outcome = { status: null, stdout: '', stderr: '' }
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      outcome.stdout += text
    })
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      outcome.stderr += text
    })
    child.on('error', reject)
    child.on('close', (status) => resolve({ ...outcome, status }))
    // Few of them read it, and those that do not may have ended already.
    child.stdin.on('error', () => {}).end(input)
  })
}

/** The output without what a terminal would have drawn over, and without its numbers. */
function form(output: string): string[] {
  const lines = output
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1))
    .map((line) =>
      line.replace(/ +\d+\.\d+(?= |$)/g, ' #').replace(/\d+\.\d+|count \d+|\binf\b/g, '#'),
    )
  // How many lines a distribution has depends on the latencies.
  return lines.filter((line, i) => line !== lines[i - 1])
}

async function expectSameForm(line: string, input?: string): Promise<void> {
  const theirs = await run(THEIRS, line, input)
  const ours = await run(OURS, line, input)
  expect(form(ours.stdout)).toEqual(form(theirs.stdout))
  expect(ours.status).toBe(theirs.status)
}

/** All but xadd, which came with 7.2; the reference may be older. */
const TESTS = 'ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset'

test.each([
  `-q -n 300 -r 1000 -t ${TESTS}`,
  '-q -t set,get,lrange_300 -n 200 -c 5 -P 4',
  '--csv -n 200 -t ping,set,get,mset,lrange_100',
  '-n 300 -t set,zadd -c 7 -d 20',
  '-n 300 -t set -k 0 -c 5',
  '-n 300 -t get --threads 2',
  '-n 300 -t get --dbnum 3 -3',
  '-n 300 -c 3 -r 100 lpush mylist __rand_int__',
  '-n 100 -q --csv ping',
])('%s prints in the form of redis-benchmark', async (line) => {
  await expectSameForm(line)
})

test('-x reads the last argument', async () => {
  await expectSameForm('-n 5 -q -x set from-stdin', 'a value')
  const client = await WireClient.connect(server.port)
  expect((await client.call('GET', 'from-stdin')).toString()).toBe('$7\r\na value\r\n')
  client.close()
})

test('an error reply ends both with the same words and status', async () => {
  for (const line of ['-n 5 -q nosuchcommand', '-n 5 -q incr']) {
    const theirs = await run(THEIRS, line)
    const ours = await run(OURS, line)
    expect(ours.stderr.trim()).toBe(theirs.stderr.trim())
    expect(ours.status).toBe(theirs.status)
  }
})

test('the same keys and values are left behind', async () => {
  const left: string[] = []
  for (const program of [THEIRS, OURS]) {
    const client = await WireClient.connect(server.port)
    await client.call('FLUSHALL')
    const line = '-q -n 200 -d 33 -P 2 -c 4 -t set,incr,lpush,rpush,hset,sadd,zadd,mset'
    expect((await run(program, line)).status).toBe(0)
    left.push((await client.call('DEBUG', 'DIGEST')).toString())
    client.close()
  }
  expect(left[1]).toBe(left[0])
})

test('a rate, a distribution, a mixture and sizes work together', async () => {
  const flags = '--rate 5000 --distribution zipf --ratio 1:4 --data-size-range 1-64 -r 1000'
  const { status, stdout } = await run(OURS, `-n 1000 -c 5 -P 2 ${flags}`)
  expect(status).toBe(0)
  expect(stdout).toContain('====== SET:GET 1:4 ======')
  expect(stdout).toContain('  rate: 5000 requests per second, latency from when due')
  expect(stdout).toMatch(/SET +200 /)
  expect(stdout).toMatch(/GET +800 /)
})

test('a server that is not there is a message and status 1', async () => {
  const child = await run(OURS, '-s /nonexistent/redis.sock -q -t ping')
  expect(child.status).toBe(1)
  expect(child.stderr).toContain(
    'Could not connect to Redis at /nonexistent/redis.sock: No such file or directory',
  )
})

test('a report goes on after an interruption, and is written with pictures', async () => {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'benchmark-report-'))
  const folder = path.join(parent, 'report')
  const report = (...words: string[]) => execute([...OURS, 'report', ...words])
  try {
    const matrix = '--commands get,zadd --policies none,always --pipeline 1,4 --clients 1,3'
    const length = '--rounds 1 --seconds 0.02 --warmup 0.01 --keys 100'
    const flags = `--peer redis-server --out ${folder} ${matrix} ${length}`.split(' ')
    const first = await report(...flags)
    expect(first.stderr).toBe('')
    expect(first.status).toBe(0)
    const results = path.join(folder, 'results.jsonl')
    const lines = fs.readFileSync(results, 'utf8').split('\n')
    expect(lines).toHaveLength(1 + 2 * 2 * 2 * 2 * 2 + 1)
    fs.writeFileSync(results, `${lines.slice(0, 30).join('\n')}\n${lines[30]!.slice(0, 40)}`)
    fs.rmSync(path.join(folder, 'summary.md'))

    const second = await report('--resume', folder)
    expect(second.stdout).toContain('29 measurements are there, 3 are missing.')
    expect(second.status).toBe(0)
    const again = fs.readFileSync(results, 'utf8').split('\n')
    expect(again).toHaveLength(lines.length)
    expect(again.slice(0, 30)).toEqual(lines.slice(0, 30))
    expect(fs.readFileSync(path.join(folder, 'summary.md'), 'utf8')).toContain('ZADD P=4 c=3')
    expect(fs.readdirSync(path.join(folder, 'charts')).length).toBe(2 + 4 + 4 + 2)
    expect(fs.existsSync(path.join(folder, 'data'))).toBe(false)
    expect((await report(...flags)).stderr).toContain('go on with --resume')
  } finally {
    fs.rmSync(parent, { recursive: true })
  }
})

test('Ctrl-C lets the measurement under way end, and says how to go on', async () => {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'benchmark-report-'))
  const folder = path.join(parent, 'report')
  try {
    const matrix = '--commands get,set,zadd --policies none --pipeline 1,4,16 --clients 1,3'
    const flags = `--out ${folder} ${matrix} --seconds 0.2 --warmup 0.01 --keys 100`.split(' ')
    const [program, ...words] = [...OURS, 'report', ...flags]
    // A group of its own, all of which gets the signal, as at a terminal.
    const child = spawn(program!, words, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if (!output.includes('left\n') && text.includes('left\n')) process.kill(-child.pid!, 'SIGINT')
      output += text
    })
    const status = await new Promise((resolve) => child.once('close', resolve))
    expect(output).toContain(
      `Interrupted. Go on with: redstart benchmark report --resume ${folder}`,
    )
    expect(status).toBe(130)
    expect(fs.readdirSync(folder)).toEqual(['results.jsonl'])
  } finally {
    fs.rmSync(parent, { recursive: true })
  }
})

test('the embedded store is measured in one thread and in workers', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'benchmark-embedded-'))
  try {
    const json = path.join(folder, 'figures.json')
    const length = '--operations get,set --keys 100 --seconds 0.1 --warmup 0.01 --threads 1,2'
    const outcome = await execute([...OURS, 'embedded', ...length.split(' '), '--json', json])
    expect(outcome.status).toBe(0)
    expect(outcome.stdout).toContain('## On disk, from 2 worker threads')
    const { results } = JSON.parse(fs.readFileSync(json, 'utf8')) as {
      results: { name: string; operationsPerSecond: number }[]
    }
    const own = results.filter(({ name }) => name === 'redstart')
    expect(own).toHaveLength(2 * 2 * 2)
    for (const { operationsPerSecond } of own) expect(operationsPerSecond).toBeGreaterThan(0)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})
