/**
 * A server as a child process of a test: started on a free port in a directory of its own, ready
 * when it says so on its standard output, and never left behind.
 *
 * The port is found by binding one and letting go of it again. What the system gives to whoever
 * binds port 0 or connects lies elsewhere, and test files that run at the same time choose from
 * ports of their own. Still another process may take it in between, so a start that fails to listen
 * is tried again on another port.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

export interface RunningServer {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly pid: number
  /** The server's working directory, removed when it is closed. */
  readonly directory: string
  /** What it has printed so far. */
  log(): string
  /** Ends the server and waits until it is gone. Can be called more than once. */
  close(): Promise<void>
}

export interface StartOptions {
  /** Flags after `--port N --save ''`, as redis-server takes them. */
  flags?: readonly string[]
  startTimeoutMs?: number
}

const READY = 'Ready to accept connections'
const START_ATTEMPTS = 5
/** Long, as machines may be busy, and some tests go on with what a server leaves in its files. */
const STOP_TIMEOUT_MS = 20_000

/** The children that run, with their directories. */
const running = new Map<ChildProcess, string>()
process.on('exit', () => {
  for (const [child, directory] of running) {
    child.kill('SIGKILL')
    fs.rmSync(directory, { recursive: true, force: true })
  }
})

/** Below the ports that systems give out, every sixteenth is for one of the workers of Vitest. */
const FIRST_PORT = 10_000
const WORKERS = 16
const PORTS_PER_WORKER = 1400
const worker = Number(process.env.VITEST_POOL_ID ?? process.pid) % WORKERS
const given = new Set<number>()

/** A TCP port of 127.0.0.1 that was free a moment ago, and another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + WORKERS * randomInt(PORTS_PER_WORKER) + worker
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/**
 * Starts `command` (program and its first arguments) as a server.
 * Rejects with what the server printed when it does not come up.
 */
export async function startServer(
  name: string,
  command: readonly string[],
  options: StartOptions = {},
): Promise<RunningServer> {
  let failure: unknown
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const port = await freePort()
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`))
    try {
      return await startOnce(name, command, port, directory, options)
    } catch (error) {
      fs.rmSync(directory, { recursive: true, force: true })
      failure = error
      if (!String(error).includes('Address already in use')) break
    }
  }
  throw failure
}

function startOnce(
  name: string,
  command: readonly string[],
  port: number,
  directory: string,
  options: StartOptions,
): Promise<RunningServer> {
  const [program, ...first] = command
  const flags = ['--port', String(port), '--save', '', ...(options.flags ?? [])]
  const child = spawn(program as string, [...first, ...flags], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.set(child, directory)
  let log = ''

  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child)
      resolve()
    })
  })

  const close = async (): Promise<void> => {
    if (running.has(child)) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await gone
      clearTimeout(timer)
    }
    fs.rmSync(directory, { recursive: true, force: true })
  }

  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`${name} (${command.join(' ')}): ${why}\n${log}`))
    }
    const timeoutMs = options.startTimeoutMs ?? 25_000
    const timer = setTimeout(() => fail(`not ready within ${timeoutMs} ms`), timeoutMs)
    const onData = (chunk: string): void => {
      const wasReady = log.includes(READY)
      log += chunk
      if (wasReady || !log.includes(READY)) return
      clearTimeout(timer)
      const pid = child.pid as number
      resolve({ name, host: '127.0.0.1', port, pid, directory, log: () => log, close })
    }
    child.stdout.setEncoding('utf8').on('data', onData)
    child.stderr.setEncoding('utf8').on('data', onData)
    child.once('error', (error) => fail(error.message))
    child.once('close', (code, signal) => fail(`ended with ${signal ?? code}`))
  })
}
