/**
 * The prompt on a terminal: the editor with what it knows of commands and keys, and an ear for what
 * the connection brings while a line is being edited. What is known of commands is asked for when
 * it is first needed, so that the prompt waits for nothing.
 */
import { splitArguments } from '../../bytes/quote.ts'
import { latin1 } from '../../bytes/text.ts'
import { decoded } from '../../config/byte-string.ts'
import type { ClientSession } from './client-session.ts'
import { isColorTerminal } from './colors.ts'
import { type CommandDoc, docsOf } from './command-docs.ts'
import { completeLine } from './completion.ts'
import { type Connection, ConnectionError } from './connection.ts'
import { hintFor } from './hints.ts'
import { dotFile, History } from './history.ts'
import { type Completion, LineEditor } from './line-editor.ts'
import { isLong } from './long-text.ts'
import { OFFLINE_NOTICE, TRANSACTION_GONE } from './lost-command.ts'
import type { Preferences } from './preferences.ts'

export class Prompt {
  readonly editor: LineEditor
  readonly history: History
  private readonly session: ClientSession
  private readonly preferences: Preferences
  private readonly promptText: () => string
  private known: readonly CommandDoc[] | null = null
  private asking: Promise<readonly CommandDoc[]> | null = null
  /** A connection of its own for what the editor asks, apart from the session's. */
  private helper: Connection | null = null

  constructor(
    session: ClientSession,
    preferences: Preferences,
    onInterrupt: () => void,
    promptText: () => string,
  ) {
    this.session = session
    this.preferences = preferences
    this.promptText = promptText
    this.history = new History(dotFile('REDISCLI_HISTFILE', '.rediscli_history'))
    const hooks = {
      hint: (line: string) => this.hint(line),
      complete: (line: string) => this.complete(line),
      interrupt: onInterrupt,
    }
    this.editor = new LineEditor(this.history, hooks, isColorTerminal(session.output))
  }

  /** What is known of commands: by the server, or built in. */
  docs(): Promise<readonly CommandDoc[]> {
    this.asking ??= this.askDocs()
    return this.asking
  }

  /** The next server may know other commands. */
  forgetDocs(): void {
    this.asking = null
    this.helper?.close()
    this.helper = null
  }

  /** Shows a text in the pager if it is long. @returns whether it has been shown */
  async page(text: string): Promise<boolean> {
    if (!isLong(text)) return false
    const { page } = await import('./pager.ts')
    return page(text, this.editor)
  }

  /** From now on tells of what the connection brings, above the line. */
  watch(): void {
    const { connection } = this.session
    if (connection === null) return
    connection.onUnread = () => this.tell(connection)
    if (connection.failure !== null) connection.onUnread()
  }

  unwatch(): void {
    if (this.session.connection !== null) this.session.connection.onUnread = null
  }

  private tell(connection: Connection): void {
    const { session } = this
    const texts: string[] = []
    const { display } = session
    session.display = (text) => texts.push(text)
    for (let reply = connection.poll(); reply !== null; reply = connection.poll()) {
      if (reply.type === 'push' && !session.isSubscribed) session.showPush(reply)
      else session.show(reply)
    }
    session.display = display
    let text = decoded(texts.join(''))
    if (connection.failure !== null) {
      connection.onUnread = null
      const gone = session.isInTransaction ? TRANSACTION_GONE : ''
      text += `Error: ${connection.failure.message}\n${gone}${OFFLINE_NOTICE}`
    }
    if (text !== '') this.editor.printAbove(text)
    if (connection.failure !== null) this.editor.setPrompt(this.promptText())
  }

  private async askDocs(): Promise<readonly CommandDoc[]> {
    this.known = await docsOf(await this.helperConnection())
    return this.known
  }

  private hint(line: string): string {
    if (!this.preferences.hints || line === '') return ''
    if (this.known === null) {
      void this.docs().then(() => this.editor.printAbove(''))
      return ''
    }
    const bytes = splitArguments(Buffer.from(line, 'utf8'))
    if (bytes === null) return ''
    let words = bytes.map((word) => latin1(word))
    // The last word counts when a blank has ended it.
    if (!/\s$/.test(line)) words = words.slice(0, -1)
    if (/^\d+$/.test(words[0] ?? '')) words = words.slice(1)
    const hint = hintFor(this.known, words)
    if (hint === null || hint === '') return ''
    return /\s$/.test(line) ? hint : ` ${hint}`
  }

  private async complete(line: string): Promise<Completion> {
    return completeLine(line, await this.docs(), async (cursor, pattern, count) => {
      const connection = await this.helperConnection()
      if (connection === null) return null
      try {
        await connection.call('SELECT', String(this.session.database))
        const words = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(count)]
        const reply = await connection.call(...words)
        if (reply.type === 'error') return null
        const [next, keys] = reply.elements
        return { cursor: next.text, keys: keys.elements.map((key) => key.text) }
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error
        return null
      }
    })
  }

  /**
   * The session's own connection may be in a transaction or in the subscribed mode, and its
   * replies are the user's: the editor asks on another one, made when it is first needed.
   */
  private async helperConnection(): Promise<Connection | null> {
    if (this.helper !== null && this.helper.failure === null) return this.helper
    const { session } = this
    if (session.connection === null || session.connection.failure !== null) return null
    try {
      const connection = await session.opener(session.options)
      const { user, password } = session.options
      if (password !== null)
        await connection.call('AUTH', ...(user === null ? [] : [user]), password)
      this.helper = connection
      return connection
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      return null
    }
  }

  close(): void {
    this.helper?.close()
  }
}

export function openPrompt(
  session: ClientSession,
  preferences: Preferences,
  onInterrupt: () => void,
  promptText: () => string,
): Prompt {
  return new Prompt(session, preferences, onInterrupt, promptText)
}
