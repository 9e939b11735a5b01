/**
 * A server as a child process of a test: started on a free port in a directory of its own, ready
 * when it says so on its standard output, and never left behind.
 *
 * The port is found by binding port 0 and letting go of it again. Another process may take it in
 * between, so a start that fails to listen is tried again on another port.
 */
import { type ChildProcess, spawn } from 'node:child_process'
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
const STOP_TIMEOUT_MS = 3000

/** The children that run, with their directories. */
const running = new Map<ChildProcess, string>()
process.on('exit', () => {
  for (const [child, directory] of running) {
    child.kill('SIGKILL')
    fs.rmSync(directory, { recursive: true, force: true })
  }
})

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
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
    const timeoutMs = options.startTimeoutMs ?? 10_000
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
