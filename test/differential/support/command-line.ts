/**
 * Programs of the command line in tests: redis-cli, and Redstart's own client in its place. Both
 * get an environment without the user's files and colours.
 */
import { spawn, spawnSync } from 'node:child_process'
import { redstartCommand } from './redstart.ts'

export interface Ran {
  readonly output: string
  readonly error: string
  readonly status: number | null
}

export const hasRedisCli = spawnSync('redis-cli', ['--version']).status === 0

const LIMIT_MS = 100_000

/** The environment of every program that is started. */
export function cleanEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { REDISCLI_AUTH: _auth, FAKETTY: _tty, ...rest } = process.env
  const files = { REDISCLI_HISTFILE: '/dev/null', REDISCLI_RCFILE: '/dev/null' }
  return { ...rest, ...files, NO_COLOR: '1', TERM: 'xterm', ...more }
}

/** Program and arguments of a client: redis-cli, or `redstart cli`. */
export function clientCommand(which: 'redis-cli' | 'redstart'): string[] {
  return which === 'redis-cli' ? ['redis-cli'] : [...redstartCommand(), 'cli']
}

/** Runs a client to its end. Texts are Latin-1. */
export function runClient(
  which: 'redis-cli' | 'redstart',
  argv: readonly string[],
  input = '',
  more: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const [program, ...first] = clientCommand(which)
  const child = spawn(program, [...first, ...argv], { env: cleanEnvironment(more) })
  let output = ''
  let error = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('latin1').on('data', (text: string) => (error += text))
  child.stdin.on('error', () => {})
  child.stdin.end(Buffer.from(input, 'latin1'))
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ output, error, status })
    })
  })
}
