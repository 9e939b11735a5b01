/**
 * A program in a real terminal: a pseudo-terminal of util-linux's `script`, which needs nothing
 * native of ours. Tests wait for texts, never for times; what was waited for is passed over, so
 * that the next wait looks behind it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cleanEnvironment } from './command-line.ts'

/** Whether there is a `script` that makes terminals for commands, and the system lets it. */
export const hasTerminal =
  process.platform === 'linux' &&
  spawnSync('script', ['-qefc', 'test -t 0', '/dev/null'], { stdio: 'pipe' }).status === 0

/** Long, as machines may be busy; below the time that a test has, so that this tells what lacks. */
const LIMIT_MS = 100_000

export class Terminal {
  private readonly child: ChildProcess
  private shown = ''
  private all = ''
  private isEnded = false
  private wake: (() => void) | null = null

  /** Starts a command in a terminal of 100 columns and 30 rows. */
  constructor(command: readonly string[], more: NodeJS.ProcessEnv = {}) {
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
    const line = `stty rows 30 cols 100; exec ${quoted}`
    const env = cleanEnvironment({ SHELL: '/bin/sh', ...more })
    this.child = spawn('script', ['-qefc', line, '/dev/null'], { env })
    this.child.stdin?.on('error', () => {})
    const onText = (text: string) => {
      this.shown += text
      this.all += text
      this.stir()
    }
    this.child.stdout?.setEncoding('utf8').on('data', onText)
    this.child.on('close', () => {
      this.isEnded = true
      this.stir()
    })
  }

  /** Types a text, as keys would come. */
  type(text: string): void {
    this.child.stdin?.write(text)
  }

  /** Waits for a text. @returns what was shown up to its end */
  async see(text: string): Promise<string> {
    while (true) {
      const at = this.shown.indexOf(text)
      if (at >= 0) {
        const seen = this.shown.slice(0, at + text.length)
        this.shown = this.shown.slice(at + text.length)
        return seen
      }
      if (this.isEnded) throw new Error(`ended without ${JSON.stringify(text)}:\n${this.all}`)
      await this.next(text)
    }
  }

  /** Types a line and waits for a text that comes after it. */
  async run(line: string, text: string): Promise<string> {
    this.type(`${line}\r`)
    return this.see(text)
  }

  /** Waits until the program has ended. @returns its exit status */
  async ended(): Promise<number | null> {
    while (!this.isEnded) await this.next('its end')
    return this.child.exitCode
  }

  /** Ends the program if it is still there. */
  close(): void {
    this.child.kill('SIGKILL')
  }

  private next(what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(new Error(`waited in vain for ${JSON.stringify(what)}:\n${this.all}`))
      const timer = setTimeout(fail, LIMIT_MS)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private stir(): void {
    const { wake } = this
    this.wake = null
    wake?.()
  }
}
