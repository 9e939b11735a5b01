/**
 * What the client knows of its connection, and how commands go over it: authentication, database,
 * protocol, transaction, subscriptions, redirections. It follows redis-cli 7.2 step by step, since
 * scripts and people have come to rely on what it prints and when it gives up.
 *
 * Replies are read in order. Pushes that come in between go to the output if those are shown; in
 * RESP2's subscribed mode messages and confirmations are told apart by their first word.
 */

import { leadingInteger } from '../../bytes/integers.ts'
import type { Reply } from '../../resp/reply-parser.ts'
import type { ClientOptions } from './client-options.ts'
import { type Connection, ConnectionError, openConnection } from './connection.ts'
import { Exit, type Output } from './output.ts'
import { formatInvalidation, formatRaw, formatReply, type Palette, PLAIN } from './reply-format.ts'
import type { Standalone } from './standalone.ts'
import { isVerbatim } from './verbatim.ts'

/** Opens what commands go over; another one may take the place of the server's socket. */
export type Opener = (options: ClientOptions) => Promise<Connection>

const SUBSCRIBING = new Set(['subscribe', 'psubscribe', 'ssubscribe'])
const UNSUBSCRIBING = new Set(['unsubscribe', 'punsubscribe', 'sunsubscribe'])

export class ClientSession {
  readonly options: ClientOptions
  readonly output: Output
  connection: Connection | null = null
  database = 0
  /** The database that a new connection is to select. */
  wantedDatabase: number
  isResp3 = false
  isInTransaction = false
  isSubscribed = false
  /** Interactive sessions survive a lost connection. */
  isInteractive = false
  lastReply: Reply | null = null
  palette: Palette = PLAIN
  opener: Opener = openConnection
  /** Called for each command with its reply, when that is known. */
  onReply: ((words: readonly string[], reply: Reply) => void) | null = null
  /** Called with a command whose reply was lost with the connection. */
  onLostReply: ((words: readonly string[], connection: Connection) => Promise<void>) | null = null
  /** Takes what is shown of a reply. */
  display: (text: string) => void
  isMonitoring = false
  /** The engine in this process, while that takes the place of the server. */
  standalone: Standalone | null = null
  private databaseBefore = 0
  private isShuttingDown = false
  private showsPushesNow = true
  /** Ctrl-C has ended a mode that reads without end. */
  private isAborted = false
  private redirection: 'none' | 'moved' | 'ask' = 'none'

  constructor(options: ClientOptions, output: Output) {
    this.options = options
    this.output = output
    this.wantedDatabase = options.database
    this.display = (text) => output.write(text)
  }

  /** The address as the prompt and messages show it. */
  get address(): string {
    const { socketPath, host, port } = this.options
    if (socketPath !== null) return socketPath
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  }

  /**
   * Connects, authenticates, selects the database and the protocol. What fails is told on standard
   * error, unless `isQuiet`. @returns whether commands can be sent
   */
  async connect({ isQuiet = false } = {}): Promise<boolean> {
    this.disconnect()
    this.isAborted = false
    try {
      this.connection = await this.opener(this.options)
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      if (error.kind === 'tls') {
        this.output.error(`Could not negotiate a TLS connection: ${error.message}\n`)
      } else if (!isQuiet) this.tellUnreachable(error)
      return false
    }
    this.isResp3 = false
    this.showsPushesNow = true
    try {
      return (await this.authenticate()) && (await this.select()) && (await this.switchProtocol())
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      this.output.error('\nI/O error\n')
      this.disconnect()
      return false
    }
  }

  private tellUnreachable(error: ConnectionError): void {
    const { socketPath, host, port } = this.options
    const where = socketPath ?? `${host}:${port}`
    this.output.error(`Could not connect to Redis at ${where}: ${error.message}\n`)
  }

  /** Lets go of the connection and of what belonged to it. */
  disconnect(): void {
    const { connection } = this
    this.connection = null
    if (connection === null) return
    connection.onUnread = null
    connection.close()
    this.database = 0
    this.isInTransaction = false
    this.isSubscribed = false
    this.isMonitoring = false
  }

  private async authenticate(): Promise<boolean> {
    const { user, password } = this.options
    if (password === null) return true
    const words = user === null ? ['AUTH', password] : ['AUTH', user, password]
    const reply = await this.connection!.call(...words)
    if (reply.type !== 'error') return true
    this.output.error(`AUTH failed: ${reply.text}\n`)
    return false
  }

  private async select(): Promise<boolean> {
    if (this.wantedDatabase === this.database) return true
    const reply = await this.connection!.call('SELECT', String(this.wantedDatabase))
    if (reply.type === 'error') {
      this.output.error(`SELECT ${this.wantedDatabase} failed: ${reply.text}\n`)
      return false
    }
    this.database = this.wantedDatabase
    return true
  }

  private async switchProtocol(): Promise<boolean> {
    const { resp2, resp3 } = this.options
    if (resp3 === 'no' || resp2) return true
    const reply = await this.connection!.call('HELLO', '3')
    if (reply.type === 'error') {
      this.output.error(`HELLO 3 failed: ${reply.text}\n`)
      return resp3 === 'preferred'
    }
    this.isResp3 = true
    return true
  }

  /**
   * Runs a command, connecting first where there is no connection, and shows what it replies.
   *
   * @param repeat how often; below zero without end
   * @returns whether the server answered
   */
  async run(words: readonly string[], repeat: number): Promise<boolean> {
    while (true) {
      const isLost = this.connection === null || this.connection.failure !== null
      if ((isLost || this.redirection !== 'none') && !(await this.connectForCommand())) {
        this.redirection = 'none'
        return false
      }
      if (this.redirection === 'ask') await this.connection!.call('ASKING')
      this.redirection = 'none'
      if (!(await this.send(words, repeat))) {
        this.disconnect()
        return false
      }
      if (this.redirection === 'none') return true
    }
  }

  private async connectForCommand(): Promise<boolean> {
    const isConnected = await this.connect()
    if (!isConnected && this.connection?.failure != null) this.tellFailure(this.connection.failure)
    return isConnected
  }

  private tellFailure(failure: ConnectionError): void {
    this.output.error(`Error: ${failure.message}\n`)
  }

  /** Ends MONITOR or the subscribed mode, as Ctrl-C asks. @returns whether there was one */
  abortReading(): boolean {
    if (!this.isMonitoring && !this.isSubscribed) return false
    this.isAborted = true
    if (this.connection !== null) {
      this.connection.onUnread = null
      this.connection.close('aborted')
    }
    return true
  }

  private async send(words: readonly string[], repeat: number): Promise<boolean> {
    const command = words[0].toLowerCase()
    const isVerbatimReply = isVerbatim(words)
    if (command === 'shutdown') this.isShuttingDown = true
    if (command === 'monitor') this.isMonitoring = true
    if (command === 'sync' || command === 'psync') {
      this.output.error('Redstart shows no stream of replication yet.\n')
      return true
    }
    for (let left = repeat; left !== 0; left--) {
      const { connection } = this
      if (connection === null) return true
      connection.send(words)
      const isAnswered = this.isMonitoring
        ? await this.monitor()
        : await this.readAnswer(words, command, isVerbatimReply, connection)
      if (!isAnswered) return false
      if (this.redirection !== 'none') break
      if (this.options.intervalMs > 0) await pause(this.options.intervalMs)
    }
    return true
  }

  private async monitor(): Promise<boolean> {
    while (this.isMonitoring) {
      if (!(await this.readReply(false))) {
        if (this.isInteractive && this.output.isTerminal) return false
        throw new Exit(1)
      }
      if (this.lastReply?.type === 'error') this.isMonitoring = false
    }
    return true
  }

  private async readAnswer(
    words: readonly string[],
    command: string,
    isVerbatimReply: boolean,
    connection: Connection,
  ): Promise<boolean> {
    const isSubscribe = SUBSCRIBING.has(command)
    const isUnsubscribe = UNSUBSCRIBING.has(command)
    // Subscriptions are confirmed by pushes only, one for each channel, which are shown as replies.
    let expected = 0
    if (isSubscribe || isUnsubscribe) {
      expected = words.length > 1 ? words.length - 1 : 1
      this.showsPushesNow = false
    }
    while (true) {
      if (!(await this.readReply(isVerbatimReply))) {
        await this.onLostReply?.(words, connection)
        return false
      }
      const reply = this.lastReply
      if (reply === null) return true
      if (!this.isSubscribed && expected === 0) break
      if (this.isMessage(reply)) {
        // A message that is not the confirmation waited for is passed over, having been shown.
        if (expected === 0 || reply.elements[0].text.toLowerCase() !== command) continue
        if (isSubscribe) this.isSubscribed = true
        if (--expected > 0) continue
      } else if (reply.type === 'push') continue
      break
    }
    if (this.lastReply !== null) {
      this.onReply?.(words, this.lastReply)
      await this.follow(command, words, this.lastReply)
    }
    if ((isSubscribe || isUnsubscribe) && !this.isSubscribed) this.showsPushesNow = true
    return true
  }

  /** Takes over what a command has changed of the connection. */
  private async follow(command: string, words: readonly string[], reply: Reply): Promise<void> {
    const isError = reply.type === 'error'
    if (command === 'select' && words.length === 2 && !isError) {
      this.database = this.wantedDatabase = leadingInteger(words[1])
    } else if (command === 'auth' && (words.length === 2 || words.length === 3)) {
      await this.select()
    } else if (command === 'multi' && words.length === 1 && !isError) {
      this.isInTransaction = true
      this.databaseBefore = this.database
    } else if (command === 'exec' && words.length === 1 && this.isInTransaction) {
      this.isInTransaction = false
      if (isError || reply.type === 'null')
        this.database = this.wantedDatabase = this.databaseBefore
    } else if (command === 'discard' && words.length === 1 && !isError) {
      this.isInTransaction = false
      this.database = this.wantedDatabase = this.databaseBefore
    } else if (command === 'reset' && words.length === 1 && !isError) {
      this.isInTransaction = false
      this.isResp3 = false
      this.database = this.wantedDatabase = 0
      this.isSubscribed = false
      this.showsPushesNow = true
    } else if (command === 'hello') {
      if (reply.type === 'map') this.isResp3 = true
      else if (reply.type === 'array') this.isResp3 = false
    }
  }

  /** Whether a reply is a message of the subscribed mode, or the confirmation of a subscription. */
  private isMessage(reply: Reply): boolean {
    const { type, elements } = reply
    if (type !== (this.isResp3 ? 'push' : 'array') || elements.length < 3) return false
    const [name] = elements
    return name.type === 'string' && /(message|subscribe)$/.test(name.text)
  }

  /**
   * Reads one reply and shows it, and before it pushes. @returns false when the connection is lost
   * and the session goes on; without a session to go on, the program ends
   */
  async readReply(isVerbatimReply: boolean): Promise<boolean> {
    this.lastReply = null
    const reply = await this.readPastPushes()
    if (reply === null) return this.isAborted ? this.connect() : this.isShutDown()
    this.lastReply = reply
    if (this.options.cluster && reply.type === 'error' && this.redirect(reply.text)) return true
    if (!this.isInteractive && this.options.failsOnError && reply.type === 'error') {
      this.output.error(`${reply.text}\n`)
      throw new Exit(1)
    }
    this.show(reply, isVerbatimReply)
    return true
  }

  /** @returns null when the connection is lost, which has been told */
  private async readPastPushes(): Promise<Reply | null> {
    const { connection } = this
    if (connection === null) return null
    try {
      while (true) {
        const reply = await connection.read()
        if (reply.type !== 'push' || !this.showsPushesNow || this.isMonitoring) return reply
        this.showPush(reply)
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      if (this.isAborted || this.isShuttingDown) return null
      this.tellFailure(error)
      if (!this.isInteractive || error.kind !== 'lost') throw new Exit(1)
      return null
    }
  }

  /** Connects again if Ctrl-C has ended a mode just as its last reply came. */
  async settleAbort(): Promise<void> {
    if (this.isAborted) await this.connect()
  }

  private isShutDown(): boolean {
    if (!this.isShuttingDown) return false
    this.isShuttingDown = false
    this.disconnect()
    return true
  }

  /** Shows a push that nobody has asked for, if those are shown. */
  showPush(reply: Reply): void {
    if (!this.options.showsPushes) return
    const isStandard = this.options.format === 'standard'
    const invalidation = isStandard ? formatInvalidation(reply) : null
    this.display(invalidation ?? this.format(reply))
  }

  show(reply: Reply, isVerbatimReply = false): void {
    this.display(
      isVerbatimReply ? formatRaw(reply, this.options.elementDelimiter) : this.format(reply),
    )
  }

  format(reply: Reply): string {
    const { format, elementDelimiter, replyDelimiter } = this.options
    const { palette } = this
    return formatReply(reply, { format, elementDelimiter, replyDelimiter, palette })
  }

  /** Takes `MOVED 3999 host:port` and `ASK …` as where to go. @returns whether it is one */
  private redirect(text: string): boolean {
    const match = /^(MOVED|ASK) (\d+) (.*):(\d+)$/.exec(text)
    if (match === null) return false
    const [, kind, slot, host, port] = match
    if (host !== '') this.options.host = host
    this.options.port = Number(port)
    this.redirection = kind === 'ASK' ? 'ask' : 'moved'
    if (this.isInteractive) {
      const where = `${this.options.host}:${port}`
      this.output.write(`-> Redirected to slot [${slot}] located at ${where}\n`)
    }
    return true
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
