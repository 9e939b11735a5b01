/**
 * The lines that were typed before: in memory for the session, and in the file that redis-cli has
 * too, `~/.rediscli_history` or what REDISCLI_HISTFILE names (`/dev/null` for none).
 *
 * A line is appended to the file as it is run, so that sessions side by side lose nothing of each
 * other; only the owner may read it. Commands with passwords stay out of both.
 */
import fs from 'node:fs'
import os from 'node:os'
import nodePath from 'node:path'

const MAX_LINES = 1000

/** The path of a file in the home directory, unless a variable names another; null for none. */
export function dotFile(variable: string, name: string): string | null {
  const named = process.env[variable]
  if (named === '/dev/null') return null
  return named || nodePath.join(os.homedir(), name)
}

export class History {
  /** The oldest first. */
  readonly lines: string[] = []
  private readonly path: string | null

  /** @param path null to keep the lines in memory only */
  constructor(path: string | null) {
    this.path = path
    if (path === null) return
    try {
      const all = fs
        .readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
      this.lines.push(...all.slice(-MAX_LINES))
      if (all.length > 2 * MAX_LINES) this.rewrite()
    } catch {
      // There is none yet, or none that may be read: the session goes on without.
    }
  }

  /** Adds a line; one that is the same as the last counts once. */
  add(line: string): void {
    if (line === '' || line === this.lines.at(-1)) return
    this.lines.push(line)
    if (this.lines.length > MAX_LINES) this.lines.shift()
    if (this.path === null) return
    try {
      fs.appendFileSync(this.path, `${line}\n`, { mode: 0o600 })
    } catch {
      // A history that cannot be written is no reason to stop.
    }
  }

  private rewrite(): void {
    try {
      fs.writeFileSync(this.path!, `${this.lines.join('\n')}\n`, { mode: 0o600 })
    } catch {
      // As above.
    }
  }
}

/** Whether a command tells a password, by redis-cli's list. */
export function isSensitive(words: readonly string[]): boolean {
  const [command, ...rest] = words.map((word) => word.toLowerCase())
  switch (command) {
    case 'auth':
      return true
    case 'acl':
      return rest[0] === 'setuser'
    case 'config': {
      const secret = ['masterauth', 'masteruser', 'requirepass']
      return rest[0] === 'set' && rest.some((word, i) => i % 2 === 1 && secret.includes(word))
    }
    case 'hello':
      return rest.includes('auth') && rest.length - rest.indexOf('auth') > 2
    case 'migrate': {
      const keys = rest.indexOf('keys', 5)
      const options = rest.slice(5, keys < 0 ? undefined : keys)
      return options.includes('auth') || options.includes('auth2')
    }
    default:
      return false
  }
}
