/**
 * The code blocks of the README and of docs/, and how each kind is run: programs as programs,
 * transcripts of redis-cli by `redstart cli`, shell commands and transcripts of a shell by a shell in
 * which `redstart`, `npm` and Redis's own tools are a stand-in (`stand-in.mjs`) that knows the
 * test's server.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COMMAND = path.join(ROOT, 'dist', 'cli', 'redstart.js')
const STAND_IN = path.join(ROOT, 'test', 'support', 'stand-in.mjs')
const DEFAULT_PORT = '6379'
const STOOD_IN = ['redstart', 'npm', 'npx', 'redis-cli', 'redis-benchmark', 'redis-server', 'node']
const RUN_TIMEOUT_MS = 90_000

export interface CodeBlock {
  /** File and line: `docs/cli.md:12`. */
  readonly place: string
  /** What stands behind the first fence, '' if nothing. */
  readonly language: string
  readonly text: string
}

export interface Run {
  readonly status: number | null
  readonly output: string
}

/** All fenced blocks of a file, whose path is from the repository's root. */
export function codeBlocks(file: string): CodeBlock[] {
  const lines = fs.readFileSync(path.join(ROOT, file), 'utf8').split(/\r?\n/)
  const blocks: CodeBlock[] = []
  for (let i = 0; i < lines.length; i++) {
    const fence = /^\s*```(.*)$/.exec(lines[i])
    if (fence === null) continue
    const first = i + 1
    while (!/^\s*```$/.test(lines[++i])) {
      if (i === lines.length) throw new Error(`${file}: a block does not end`)
    }
    const text = `${lines.slice(first, i).join('\n')}\n`
    blocks.push({ place: `${file}:${first}`, language: fence[1].trim(), text })
  }
  return blocks
}

function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; input?: string },
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: RUN_TIMEOUT_MS,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.stdin.on('error', () => {}).end(options.input ?? '')
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, output }))
  })
}

/**
 * Runs a program. It may import `redstart` and the packages of the repository; the usual port is
 * that of the test's server.
 */
export async function runProgram(block: CodeBlock, port: number, cwd: string): Promise<Run> {
  const folder = path.join(ROOT, 'dist-tools', 'code-blocks')
  fs.mkdirSync(folder, { recursive: true })
  const name = `${block.place.replace(/\W+/g, '-')}-${process.pid}.mjs`
  const file = path.join(folder, name)
  fs.writeFileSync(file, block.text.replaceAll(DEFAULT_PORT, String(port)))
  try {
    return await run(process.execPath, [file], { cwd })
  } finally {
    fs.rmSync(file)
  }
}

/** What a program says, in comments behind `console.log(…)`, that it prints; null if it does not. */
export function announcedOutput({ text }: CodeBlock): string[] | null {
  const prints = text.split('\n').filter((line) => /^\s*console\.log\(/.test(line))
  const said = prints.map((line) => /\)\s*\/\/ (?:→ )?(.*)$/.exec(line)?.[1])
  return said.every((line) => line !== undefined) ? said : null
}

/** A transcript: what was typed, and what came back. */
export interface Transcript {
  readonly commands: readonly string[]
  readonly output: string
}

const PROMPT = /^(?:127\.0\.0\.1:6379(?:\[\d+\])?|redis|redstart)(?:\(TX\))?> /

/** The commands of a transcript and all replies; null if the block is none. */
export function transcriptOf({ text }: CodeBlock): Transcript | null {
  const lines = text.trimEnd().split('\n')
  const typed = lines.filter((line) => PROMPT.test(line))
  if (typed.length === 0) return null
  const replies = lines.filter((line) => !PROMPT.test(line) && !line.startsWith('$ '))
  return {
    commands: typed.map((line) => line.replace(PROMPT, '')),
    output: `${replies.join('\n')}\n`,
  }
}

/** What `redstart cli` answers to the commands as at a terminal. */
export async function runTranscript(
  { commands }: Transcript,
  port: number,
  cwd: string,
): Promise<Run> {
  const input = `${commands.join('\n')}\n`
  return run(process.execPath, [COMMAND, 'cli', '-p', String(port), '--no-raw'], { cwd, input })
}

/** Whether there is a shell for `runShell`. */
export const hasShell = process.platform !== 'win32'

/** A transcript of a shell: lines after `$ ` are commands, the others what they print. */
export function shellTranscriptOf({ text }: CodeBlock): Transcript {
  const lines = text.trimEnd().split('\n')
  return {
    commands: lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)),
    output: `${lines.filter((line) => !line.startsWith('$ ')).join('\n')}\n`,
  }
}

/**
 * Runs the commands of a shell's transcript, failing ones too. What they print is as in the docs:
 * with the usual port, and with `.` for the working directory.
 */
export async function runShellTranscript(
  { commands }: Transcript,
  port: number,
  cwd: string,
): Promise<Run> {
  const { status, output } = await shell(['-c', `exec 2>&1\n${commands.join('\n')}`], port, cwd)
  const shown = output.replaceAll(String(port), DEFAULT_PORT)
  return { status, output: shown.replaceAll(fs.realpathSync(cwd), '.') }
}

/** Runs shell commands with stand-ins for the programs they name; stops at the first that fails. */
export async function runShell(block: CodeBlock, port: number, cwd: string): Promise<Run> {
  return shell(['-e', '-c', block.text], port, cwd)
}

function shell(args: readonly string[], port: number, cwd: string): Promise<Run> {
  const bin = path.join(cwd, '.bin')
  fs.mkdirSync(bin, { recursive: true })
  for (const name of STOOD_IN) {
    const call = `exec "${process.execPath}" "${STAND_IN}" ${name} "$@"`
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${call}\n`, { mode: 0o755 })
  }
  const env = {
    PATH: `${bin}:/usr/bin:/bin`,
    REDSTART_COMMAND: COMMAND,
    TEST_PORT: String(port),
    HOME: cwd,
  }
  return run('/bin/sh', args, { cwd, env, input: 'y\ny\n' })
}
