/** What `:set` changes at the prompt, and the lines of `~/.redisclirc` at its start. */
import fs from 'node:fs'
import { splitArguments } from '../../bytes/quote.ts'
import { latin1 } from '../../bytes/text.ts'
import { dotFile } from './history.ts'
import type { Output } from './output.ts'

export class Preferences {
  hints = true
  pager: boolean
  private readonly output: Output

  constructor(output: Output, pager: boolean) {
    this.output = output
    this.pager = pager
  }

  /** Runs a line that begins with a colon. What it does not know is told. */
  set(words: readonly string[], isTyped: boolean): void {
    const where = isTyped ? '' : '.redisclirc: '
    if (words[0].toLowerCase() !== ':set' || words.length < 2) {
      this.output.write(`${where}unknown redis-cli internal command '${words[0]}'\n`)
      return
    }
    switch (words[1].toLowerCase()) {
      case 'hints':
        this.hints = true
        break
      case 'nohints':
        this.hints = false
        break
      case 'pager':
        this.pager = true
        break
      case 'nopager':
        this.pager = false
        break
      default:
        this.output.write(`${where}unknown redis-cli preference '${words[1]}'\n`)
    }
  }
}

/** Reads the file that REDISCLI_RCFILE names, or `~/.redisclirc`, if there is one. */
export function loadPreferences(preferences: Preferences): void {
  const path = dotFile('REDISCLI_RCFILE', '.redisclirc')
  if (path === null || !fs.existsSync(path)) return
  for (const line of fs.readFileSync(path, 'utf8').split('\n')) {
    const words = splitArguments(Buffer.from(line, 'utf8'))
    if (words !== null && words.length > 0) {
      preferences.set(
        words.map((word) => latin1(word)),
        false,
      )
    }
  }
}
