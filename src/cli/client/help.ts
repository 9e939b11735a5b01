/** The client's `help`: of itself, of a command, of a group, and of the commands of the prompt. */
import type { ClientSession } from './client-session.ts'
import { type CommandDoc, docsOf } from './command-docs.ts'
import { syntaxOf } from './hints.ts'
import { versionText } from './usage.ts'

const GENERAL = `${versionText()}To get help about commands type:
      "help @<group>" to get a list of commands in <group>
      "help <command>" for help on <command>
      "help <tab>" to get a list of possible help topics
      "quit" to exit

At the prompt there are also:
      "peek <key>" shows what a key holds, of any type, and no more than a screenful
      "<n> <command>" runs a command n times
      "connect <host> <port>" connects to another server
      "standalone [dir]" goes on without a server, in a directory of this machine
      "reconnect [replay|discard|keep]" goes back from there to the server
      "clear" clears the screen

To set preferences:
      ":set hints" and ":set nohints" for hints while one types
      ":set pager" and ":set nopager" for long replies
Preferences that are to last stand in ~/.redisclirc
`

export class Help {
  readonly docs: readonly CommandDoc[]
  private readonly isColored: boolean

  constructor(docs: readonly CommandDoc[], isColored: boolean) {
    this.docs = docs
    this.isColored = isColored
  }

  /** Asks the session's server, or what is built in. */
  static async of(session: ClientSession): Promise<Help> {
    const { isColorTerminal } = await import('./colors.ts')
    const docs = await docsOf(session.connection)
    return new Help(docs, isColorTerminal(session.output))
  }

  /** @param topic a command's words, or `@group`; nothing for help on the help */
  show(topic: readonly string[]): string {
    if (topic.length === 0) return GENERAL
    const isGroup = topic[0].startsWith('@')
    const shown = this.docs.filter((doc) =>
      isGroup
        ? doc.group.toLowerCase() === topic[0].slice(1).toLowerCase()
        : topic.every((word, i) => doc.words[i] === word.toUpperCase()),
    )
    return `${shown.map((doc) => this.entry(doc, !isGroup)).join('')}\n`
  }

  private entry(doc: CommandDoc, withGroup: boolean): string {
    const yellow = (label: string) => this.paint('33', label)
    const head = `\n  ${this.paint('1', doc.name)} ${this.paint('90', syntaxOf(doc))}\n`
    const summary = `  ${yellow('summary:')} ${doc.summary}\n`
    const since = doc.since === '' ? '' : `  ${yellow('since:')} ${doc.since}\n`
    const group = withGroup ? `  ${yellow('group:')} ${doc.group}\n` : ''
    return head + summary + since + group
  }

  private paint(code: string, text: string): string {
    return this.isColored ? `\x1b[${code}m${text}\x1b[0m` : text
  }
}
