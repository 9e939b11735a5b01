/**
 * The session at the prompt, and the one that reads commands from a pipe: lines become commands,
 * and a few lines are for the client itself. A connection that is lost ends nothing: the user is
 * told what became of the command, the next one connects again, and `standalone` needs no server.
 */
import { leadingInteger } from '../../bytes/integers.ts'
import { splitArguments } from '../../bytes/quote.ts'
import { fromLatin1, latin1 } from '../../bytes/text.ts'
import { decoded, encoded } from '../../config/byte-string.ts'
import type { ClientSession } from './client-session.ts'
import { isColorTerminal, paletteFor } from './colors.ts'
import { type Connection, ConnectionError } from './connection.ts'
import { History, isSensitive } from './history.ts'
import { type LineInput, PipeInput } from './line-input.ts'
import { fateOf, OFFLINE_NOTICE } from './lost-command.ts'
import { loadPreferences, Preferences } from './preferences.ts'
import type { Prompt } from './prompt.ts'

const SLOW_MS = 500

/** Runs a session until the user leaves. @returns the status to exit with */
export async function runRepl(session: ClientSession): Promise<number> {
  const repl = new Repl(session)
  try {
    return await repl.run()
  } finally {
    await repl.end()
  }
}

class Repl {
  private readonly session: ClientSession
  private readonly preferences: Preferences
  private readonly history: History
  private readonly isTerminal = process.stdin.isTTY === true
  private input!: LineInput
  /** The editor's side of it, on a terminal. */
  private prompt: Prompt | null = null
  /** What a reply shows, gathered for the pager while it can be shown. */
  private gathered: string | null = null

  constructor(session: ClientSession) {
    this.session = session
    this.preferences = new Preferences(session.output, session.options.pager)
    this.history = new History(null)
  }

  async run(): Promise<number> {
    const { session } = this
    session.isInteractive = true
    session.palette = paletteFor(session.output)
    session.onLostReply = (words, connection) => this.tellLost(words, connection)
    session.display = (text) => this.show(text)
    // The editor is loaded while the server is being reached.
    if (this.isTerminal) void import('./prompt.ts')
    if (session.standalone === null) {
      await session.connect()
      if (session.connection === null) this.tellOffline()
    }
    await this.openInput()
    process.on('SIGINT', () => this.interrupt())
    while (true) {
      await session.settleAbort()
      this.prompt?.watch()
      const line = await this.input.readLine(this.promptText())
      this.prompt?.unwatch()
      if (line === null) {
        // Leaving the subscribed mode comes before leaving.
        if (!session.isSubscribed || !(await session.connect())) return 0
        continue
      }
      if (line !== '' && !(await this.runLine(line))) return 0
      if (session.isSubscribed) await this.readMessages()
    }
  }

  async end(): Promise<void> {
    this.input?.close()
    await this.session.standalone?.end()
    this.session.disconnect()
  }

  private async openInput(): Promise<void> {
    if (!this.isTerminal || process.env.TERM === 'dumb') {
      this.input = new PipeInput(this.isTerminal)
      return
    }
    const { openPrompt } = await import('./prompt.ts')
    const { session, preferences } = this
    loadPreferences(preferences)
    this.prompt = openPrompt(
      session,
      preferences,
      () => this.interrupt(),
      () => this.promptText(),
    )
    this.input = this.prompt.editor
  }

  /** The address, what the commands go to, and what state that is in. */
  private promptText(): string {
    const { session } = this
    const { standalone, connection } = session
    if (standalone === null && (connection === null || connection.failure !== null)) {
      return 'not connected> '
    }
    const isSocket = session.options.socketPath !== null
    let place = isSocket ? `redis ${session.address}` : session.address
    if (standalone !== null) {
      place = `standalone ${standalone.directory}`
      if (isColorTerminal(session.output)) place = `\x1b[33m${place}\x1b[0m`
    }
    const database = session.database === 0 ? '' : `[${session.database}]`
    const transaction = session.isInTransaction ? '(TX)' : ''
    const subscribed = session.isSubscribed ? '(subscribed mode)' : ''
    return `${place}${database}${transaction}${subscribed}> `
  }

  private interrupt(): void {
    if (this.session.abortReading()) return
    // As redis-cli does: a command that takes too long is left with the session.
    void this.end().finally(() => process.exit(1))
  }

  /** Runs one line. @returns false to leave */
  private async runLine(line: string): Promise<boolean> {
    const { output } = this.session
    const split = splitArguments(fromLatin1(line))
    if (split === null) {
      output.write('Invalid argument(s)\n')
      this.remember(line)
      return true
    }
    let words = split.map((word) => latin1(word))
    if (words.length === 0) return true
    let repeat = 1
    if (words.length > 1 && /^\s*[+-]?\d+$/.test(words[0])) {
      repeat = leadingInteger(words[0])
      if (repeat <= 0 || repeat > Number.MAX_SAFE_INTEGER) {
        output.write('Invalid redis-cli repeat command option value.\n')
        return true
      }
      words = words.slice(1)
    }
    if (!isSensitive(words)) this.remember(line)
    const command = words[0].toLowerCase()
    if (command === 'quit' || command === 'exit') return false
    if (words[0].startsWith(':')) this.preferences.set(words, true)
    else if (!(await this.runOwn(command, words))) await this.runCommand(words, repeat)
    return true
  }

  private remember(line: string): void {
    const text = decoded(line)
    ;(this.prompt?.history ?? this.history).add(text)
  }

  /** Runs what is for the client itself. @returns false if it is for the server */
  private async runOwn(command: string, words: readonly string[]): Promise<boolean> {
    const { session } = this
    switch (command) {
      case 'help':
      case '?': {
        const { Help } = await import('./help.ts')
        const docs = await this.prompt?.docs()
        const help = docs ? new Help(docs, isColorTerminal(session.output)) : await Help.of(session)
        await this.showLong(encoded(help.show(words.slice(1))))
        return true
      }
      case 'restart':
        session.output.write("Use 'restart' only in Lua debugging mode.\n")
        return true
      case 'connect':
        if (words.length !== 3) return false
        await session.standalone?.end()
        session.options.host = words[1]
        session.options.port = leadingInteger(words[2])
        session.options.socketPath = null
        this.prompt?.forgetDocs()
        await session.connect()
        return true
      case 'clear':
        if (words.length !== 1) return false
        if (this.prompt !== null) this.prompt.editor.clearScreen()
        else session.output.write('\x1b[H\x1b[2J')
        return true
      case 'peek':
        if (words.length !== 2) return false
        await this.peek(words[1])
        return true
      case 'standalone':
        await this.goStandalone(words[1] ?? '')
        return true
      case 'reconnect':
        await this.reconnect(words[1])
        return true
      default:
        return false
    }
  }

  private async runCommand(words: readonly string[], repeat: number): Promise<void> {
    const { session } = this
    const beganMs = performance.now()
    const mayPage =
      this.prompt !== null && this.preferences.pager && !endless(words) && repeat === 1
    this.gathered = mayPage ? '' : null
    const isAnswered = await session.run(words, repeat)
    if (!isAnswered && /^monitor$/i.test(words[0])) this.tellOffline()
    const { gathered } = this
    this.gathered = null
    if (gathered !== null) await this.showLong(gathered)
    const tookMs = performance.now() - beganMs
    if (tookMs >= SLOW_MS && session.options.format === 'standard') {
      session.output.write(`(${(tookMs / 1000).toFixed(2)}s)\n`)
    }
  }

  private show(text: string): void {
    if (this.gathered === null) this.session.output.write(text)
    else this.gathered += text
  }

  private async showLong(text: string): Promise<void> {
    if (this.prompt !== null && this.preferences.pager && (await this.prompt.page(text))) return
    this.session.output.write(text)
  }

  private async peek(key: string): Promise<void> {
    const { session } = this
    if (session.connection === null || session.connection.failure !== null) {
      if (!(await session.connect())) return
    }
    const { peek } = await import('./peek.ts')
    try {
      session.output.write(await peek(session.connection!, key))
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      session.output.error(`Error: ${error.message}\n`)
      session.disconnect()
    }
  }

  private async goStandalone(directory: string): Promise<void> {
    const { session } = this
    if (session.standalone !== null) {
      session.output.print(`This is standalone already, on ${session.standalone.directory}\n`)
      return
    }
    session.disconnect()
    const { Standalone } = await import('./standalone.ts')
    try {
      await Standalone.begin(session, decoded(directory))
      this.prompt?.forgetDocs()
    } catch (error) {
      session.output.error(`Can't go standalone: ${(error as Error).message}\n`)
    }
  }

  private async reconnect(choice: string | undefined): Promise<void> {
    const { session } = this
    const { standalone } = session
    if (session.isInTransaction && session.connection?.failure === null) {
      session.output.print('A transaction is under way: EXEC or DISCARD comes first.\n')
      return
    }
    if (standalone === null) {
      if (await session.connect()) session.output.write(`Connected to ${session.address}.\n`)
      return
    }
    const ask = (question: string) =>
      this.isTerminal ? this.input.readLine(question) : Promise.resolve('keep')
    await standalone.reconnect(choice, ask)
    this.prompt?.forgetDocs()
  }

  /** Says what may have become of a command whose reply was lost. */
  private async tellLost(words: readonly string[], connection: Connection): Promise<void> {
    const { session } = this
    if (session.standalone !== null) return
    session.output.error(await fateOf(words, connection.isLastSent, session.isInTransaction))
    this.tellOffline()
  }

  private tellOffline(): void {
    if (this.isTerminal) this.session.output.print(OFFLINE_NOTICE)
  }

  /** The subscribed mode: shows messages until something is typed. */
  private async readMessages(): Promise<void> {
    const { session } = this
    const { output } = session
    const isTold = session.options.format !== 'raw' && output.isTerminal
    const told = 'Reading messages... (press Ctrl-C to quit or any key to type command)\r'
    const notice = isColorTerminal(output) ? `\x1b[1;90m${told}\x1b[0m` : told
    let isTyped = false
    void this.input.whenInput().then(() => {
      isTyped = true
      session.connection?.wakeReader()
    })
    while (session.isSubscribed && session.connection !== null) {
      if (isTold) output.write(notice)
      await session.connection.whenUnread(() => isTyped)
      if (isTold) output.write('\x1b[K')
      if (isTyped) break
      if (!(await session.readReply(false))) {
        session.disconnect()
        this.tellOffline()
        break
      }
    }
  }
}

/** Whether a command's output may have no end, or is not to be held back. */
function endless(words: readonly string[]): boolean {
  return /^(monitor|p?subscribe|ssubscribe)$/i.test(words[0])
}
