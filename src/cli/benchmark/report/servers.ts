/**
 * The servers of a report: each is started on a free port in a new directory of its own, on the
 * disk that the results are on, and both go when its measurements are over.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import nodePath from 'node:path'
import { LoadError } from '../load-run.ts'
import type { Target } from '../target.ts'
import { WireClient } from '../wire-client.ts'
import type { Policy, ServerProgram } from './matrix.ts'

const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 10_000
const RETRY_MS = 20

export interface RunningServer {
  readonly name: string
  readonly target: Target
  readonly client: WireClient
  close(): Promise<void>
}

/** Children that a sudden end of this process must not leave behind. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Flags that all servers understand alike; rewrites of the log would come at odd times. */
function flagsOf(policy: Policy, port: number, folder: string): string[] {
  const log =
    policy === 'none' ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', policy]
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  return [...place, ...log, '--auto-aof-rewrite-percentage', '0', '--loglevel', 'warning']
}

/** Starts a server and waits until it answers. Rejects with a LoadError that holds its output. */
export async function startServer(
  program: ServerProgram,
  policy: Policy,
  parentFolder: string,
): Promise<RunningServer> {
  fs.mkdirSync(parentFolder, { recursive: true })
  const folder = fs.mkdtempSync(nodePath.join(nodePath.resolve(parentFolder), 'server-'))
  const port = await freePort()
  const [file, ...first] = program.command
  const child = spawn(file!, [...first, ...flagsOf(policy, port, folder)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C goes to the whole group of a terminal; the measurement under way is to be finished.
    detached: true,
  })
  running.add(child)
  let output = ''
  const keep = (text: string): void => {
    output = (output + text).slice(-4000)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.once('error', (error) => keep(error.message))
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void gone.then(() => running.delete(child))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await gone
    clearTimeout(timer)
    fs.rmSync(folder, { recursive: true, force: true })
  }
  const target = localTarget(port)
  const client = await connect(target, () => running.has(child))
  if (client !== null) {
    return {
      name: program.name,
      target,
      client,
      close: () => {
        client.close()
        return stop()
      },
    }
  }
  await stop()
  throw new LoadError(`${program.name} (${program.command.join(' ')}) did not start:\n${output}`)
}

/** Tries until the server answers PING; null if it is gone or takes too long. */
async function connect(target: Target, isAlive: () => boolean): Promise<WireClient | null> {
  const endMs = performance.now() + START_TIMEOUT_MS
  while (isAlive() && performance.now() < endMs) {
    try {
      const client = await WireClient.connect(target)
      if ((await client.call('PING')).text === 'PONG') return client
      client.close()
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
  return null
}

function localTarget(port: number): Target {
  return {
    host: '127.0.0.1',
    port,
    socketPath: '',
    user: undefined,
    password: undefined,
    database: 0,
    isResp3: false,
    hasTracking: false,
    tls: null,
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** What a program says of its version, cut to the number if there is one. */
export function versionOf({ command }: ServerProgram): string {
  const [file, ...first] = command
  try {
    const text = execFileSync(file!, [...first, '--version'], { encoding: 'utf8' })
    const own = /\bredstart=(\S+)/.exec(text)?.[1]
    return own ?? /\bv=(\S+)/.exec(text)?.[1] ?? text.trim().split('\n')[0]!
  } catch (error) {
    throw new LoadError(`${command.join(' ')} --version: ${(error as Error).message}`)
  }
}
