/**
 * A server that is killed and started again in the same directory, as the crash tests do it. The
 * command is Redstart as it is built, or the one that REDSTART names (`REDSTART=redis-server`
 * proves the tests themselves).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { redstartCommand } from '../../differential/support/redstart.ts'
import { freePort } from '../../differential/support/server-process.ts'
import { WireClient } from '../../differential/support/wire.ts'

export type SyncPolicy = 'always' | 'everysec' | 'no'

const READY = 'Ready to accept connections'
const START_TIMEOUT_MS = 20_000

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Whether the command under test is Redis itself, whose promises are fewer here and there. */
export const testsRedis = redstartCommand()[0].endsWith('redis-server')

/** A directory of its own for one test. */
export function makeDirectory(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-crash-'))
}

export class CrashServer {
  readonly port: number
  log = ''
  private readonly child: ChildProcess
  private readonly gone: Promise<void>

  private constructor(port: number, directory: string, policy: SyncPolicy, flags: string[]) {
    this.port = port
    const [program, ...first] = redstartCommand()
    const own = ['--port', `${port}`, '--save', '', '--dir', directory, '--appendonly', 'yes']
    const rest = ['--appendfsync', policy, '--auto-aof-rewrite-percentage', '0', ...flags]
    // Without the arena's debug checks, which the tests have on, so that there is a real load.
    const env = { ...process.env, REDSTART_ARENA_DEBUG: '0' }
    this.child = spawn(program, [...first, ...own, ...rest], { cwd: os.tmpdir(), env })
    running.add(this.child)
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.log += text
      })
    }
    this.gone = new Promise((resolve) => {
      this.child.once('exit', () => {
        running.delete(this.child)
        resolve()
      })
    })
  }

  /** Starts a server, and waits until it has loaded what is in the directory. */
  static async start(directory: string, policy: SyncPolicy, ...flags: string[]) {
    const server = new CrashServer(await freePort(), directory, policy, flags)
    const isOver = () => server.log.includes(READY) || !server.isRunning
    if (!(await waitFor(isOver, START_TIMEOUT_MS)) || !server.isRunning) {
      await server.kill()
      const files = fs.readdirSync(directory, { recursive: true }).join(' ')
      throw new Error(`the server does not start; ${directory} holds ${files}\n${server.log}`)
    }
    return server
  }

  get isRunning(): boolean {
    return running.has(this.child)
  }

  connect(): Promise<WireClient> {
    return WireClient.connect(this.port)
  }

  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void> {
    this.child.kill('SIGKILL')
    return this.gone
  }
}

/** Looks every few milliseconds. @returns whether it came true in time */
export async function waitFor(
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = Date.now() + timeoutMs
  while (!(await isTrue())) {
    if (Date.now() > end) return false
    await sleep(5)
  }
  return true
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
