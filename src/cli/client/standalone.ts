/**
 * Standalone: the session goes on without a server, on the engine in this process and a directory
 * of this machine. What is there has nothing to do with the server's data, and both may change: so
 * the prompt shows it all the time, and going back is the user's choice.
 *
 * Writes that succeed are kept in a journal in the directory. On the way back they are shown, and
 * replayed, discarded or kept for later, as the user says; without a word they are kept.
 */
import os from 'node:os'
import nodePath from 'node:path'
import type { CommandFlag, CommandSpec } from '../../commands/command.ts'
import { encoded } from '../../config/byte-string.ts'
import type { Store } from '../../embedded/store.ts'
import type { Reply } from '../../resp/reply-parser.ts'
import type { ClientOptions } from './client-options.ts'
import type { ClientSession, Opener } from './client-session.ts'
import { Connection, ConnectionError } from './connection.ts'
import { Journal, type JournalEntry } from './journal.ts'
import { Exit } from './output.ts'
import { quotedText } from './reply-format.ts'

const JOURNAL_FILE = 'standalone.journal'
const SHOWN_ENTRIES = 20
const WARNING =
  'Standalone: commands run in this process, on the data in DIR.\n' +
  "The server's data are others: both states may diverge. What is written here is noted down;\n" +
  '`reconnect` goes back to the server and offers to replay it there.\n'

/** Asks the user for a word. @returns null if Ctrl-C or the like is the answer */
export type Ask = (question: string) => Promise<string | null>

export class Standalone {
  readonly directory: string
  readonly journal: Journal
  private readonly store: Store
  private readonly session: ClientSession
  private readonly specs: ReadonlyMap<string, CommandSpec>
  private readonly serverOpener: Opener
  /** The writes of the transaction under way. */
  private queued: string[][] = []

  private constructor(
    session: ClientSession,
    store: Store,
    directory: string,
    commands: readonly CommandSpec[],
  ) {
    this.session = session
    this.store = store
    this.directory = directory
    this.journal = new Journal(nodePath.join(directory, JOURNAL_FILE))
    this.specs = new Map(commands.map((spec) => [spec.name.toLowerCase(), spec]))
    this.serverOpener = session.opener
  }

  /** Opens the directory and turns the session to it. Rejects if that cannot be had. */
  static async begin(session: ClientSession, directory: string): Promise<Standalone> {
    const path = directory === '' ? defaultDirectory(session.options) : expanded(directory)
    const [{ open }, { COMMANDS }] = await Promise.all([
      import('../../embedded/open.ts'),
      import('../../commands/all.ts'),
    ])
    const store = await open({ dir: path })
    let standalone: Standalone
    try {
      standalone = new Standalone(session, store, path, COMMANDS)
    } catch (error) {
      await store.close()
      throw error
    }
    session.opener = async () => new Connection(store.connect())
    session.onReply = (words, reply) => standalone.note(words, reply)
    session.standalone = standalone
    await session.connect()
    session.output.print(WARNING.replace('DIR', path))
    standalone.tellKept()
    return standalone
  }

  private tellKept(): void {
    const { length } = this.journal.entries
    if (length === 0) return
    this.session.output.print(`Kept from before, for \`reconnect\`: ${counted(length)}.\n`)
  }

  /** Lets go of the directory; the data are on disk afterwards. */
  async end(): Promise<void> {
    const { session } = this
    session.disconnect()
    session.opener = this.serverOpener
    session.onReply = null
    session.standalone = null
    await this.store.close()
  }

  private note(words: readonly string[], reply: Reply): void {
    const { session } = this
    const command = words[0].toLowerCase()
    if (reply.type === 'error') {
      if (command === 'exec') this.queued = []
      return
    }
    if (command === 'multi' || command === 'discard' || command === 'reset') this.queued = []
    else if (command === 'exec') {
      const commands = this.queued
      this.queued = []
      if (commands.length > 0 && reply.type !== 'null') this.keep(commands, true)
    } else if (!this.has(words, 'write') && !this.has(words, 'may_replicate')) return
    else if (session.isInTransaction) this.queued.push([...words])
    else if (!this.has(words, 'blocking')) this.keep([words], false)
    // In a transaction nothing waits, as nothing should when it is replayed.
    else if (reply.type !== 'null') this.keep([words], true)
  }

  private keep(commands: readonly (readonly string[])[], isTransaction: boolean): void {
    try {
      this.journal.add({ database: this.session.database, commands, isTransaction })
    } catch (error) {
      const reason = (error as Error).message
      this.session.output.error(encoded(`The change could not be noted down: ${reason}\n`))
    }
  }

  /** Whether a command's declaration has a flag. PUBLISH changes no data and has none here. */
  private has(words: readonly string[], flag: CommandFlag): boolean {
    const spec = this.specs.get(words[0].toLowerCase())
    const sub = words[1]?.toLowerCase()
    const called = spec?.subcommands?.find(({ name }) => name.toLowerCase() === sub) ?? spec
    if (called === undefined || called.name === 'PUBLISH' || called.name === 'SPUBLISH')
      return false
    return called.flags.includes(flag)
  }

  /**
   * Goes back to the server, if it can be reached.
   *
   * @param choice what becomes of the changes: `replay`, `discard` or `keep`; asked if undefined
   */
  async reconnect(choice: string | undefined, ask: Ask): Promise<void> {
    const { session, journal } = this
    const { output } = session
    let connection: Connection
    try {
      connection = await this.serverOpener(session.options)
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      const why = `Could not connect to Redis at ${session.address}: ${error.message}\n`
      output.error(`${why}Still standalone.\n`)
      return
    }
    connection.close()
    const { entries } = journal
    if (entries.length > 0) output.write(this.shownEntries())
    const decided = entries.length === 0 ? 'keep' : await this.decide(choice, ask)
    if (decided === null) {
      output.write('Still standalone.\n')
      return
    }
    await this.end()
    if (!(await session.connect())) return
    output.write(`Connected to ${session.address}.\n`)
    if (decided === 'replay') await replay(session, journal)
    else if (decided === 'discard') {
      journal.dropBefore(entries.length)
      output.write('The list of changes is discarded; the directory still has their effects.\n')
    } else if (entries.length > 0) {
      output.write(`${counted(entries.length)} kept for later, in ${encoded(journal.path)}\n`)
    }
  }

  private shownEntries(): string {
    const { entries } = this.journal
    const shown = entries.slice(0, SHOWN_ENTRIES).map((entry) => `  ${shownEntry(entry)}\n`)
    const more = entries.length - shown.length
    const rest = more > 0 ? `  ... and ${more} more\n` : ''
    return `Written here meanwhile, ${counted(entries.length)}:\n${shown.join('')}${rest}`
  }

  private async decide(
    choice: string | undefined,
    ask: Ask,
  ): Promise<'replay' | 'discard' | 'keep' | null> {
    const { address } = this.session
    const question = `Replay on ${address}, discard, or keep for later? [replay/discard/keep] `
    let word: string | null = choice ?? (await ask(question))
    while (true) {
      if (word === null) return null
      const wanted = word.trim().toLowerCase()
      if (wanted === 'r' || wanted === 'replay') return 'replay'
      if (wanted === 'd' || wanted === 'discard') return 'discard'
      if (wanted === 'k' || wanted === 'keep') return 'keep'
      word = await ask(question)
    }
  }
}

/** Sends the changes to the server in order; those that it answered leave the journal. */
async function replay(session: ClientSession, journal: Journal): Promise<void> {
  const connection = session.connection!
  const { output } = session
  const total = journal.entries.length
  let done = 0
  let failed = 0
  let database = session.database
  try {
    for (const entry of journal.entries) {
      if (entry.database !== database) {
        const selected = await connection.call('SELECT', String(entry.database))
        if (selected.type === 'error') throw new ConnectionError(selected.text, 'protocol')
        database = entry.database
      }
      const reply = await send(connection, entry)
      if (reply.type === 'error') {
        failed++
        output.error(`${shownEntry(entry)}\n  (error) ${reply.text}\n`)
      }
      done++
    }
    if (database !== session.database) await connection.call('SELECT', String(session.database))
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    const left = total - done
    const why = `Error: ${error.message}\n`
    const rest = 'the first of them may have run or not'
    output.error(`${why}Replayed ${done} of ${total}; ${left} kept for later, ${rest}.\n`)
    journal.dropBefore(done)
    return
  }
  journal.dropBefore(total)
  const failures = failed === 0 ? '' : `, ${failed} answered by errors`
  output.write(`Replayed ${total}${failures}.\n`)
}

/** Sends an entry. @returns the last reply, or the first error in it */
async function send(connection: Connection, entry: JournalEntry): Promise<Reply> {
  const { commands, isTransaction } = entry
  if (!isTransaction) return connection.call(...commands[0])
  await connection.call('MULTI')
  for (const words of commands) await connection.call(...words)
  const reply = await connection.call('EXEC')
  return reply.elements.find((element) => element.type === 'error') ?? reply
}

function shownEntry({ database, commands, isTransaction }: JournalEntry): string {
  const prefix = database === 0 ? '' : `[${database}] `
  const shown = commands.map((words) => words.map(shownWord).join(' '))
  return prefix + (isTransaction ? `MULTI: ${shown.join('; ')}` : shown[0])
}

function shownWord(word: string): string {
  const short = word.length > 60 ? `${word.slice(0, 60)}...` : word
  return /^[\x21-\x7e]+$/.test(short) && !/["'\\]/.test(short) ? short : quotedText(short)
}

function counted(changes: number): string {
  return changes === 1 ? '1 change' : `${changes} changes`
}

function defaultDirectory({ socketPath, host, port }: ClientOptions): string {
  const name = (socketPath ?? `${host}_${port}`).replace(/[^\w.-]+/g, '_')
  return nodePath.join(os.homedir(), '.redstart', 'standalone', name)
}

function expanded(directory: string): string {
  const isHome = directory === '~' || directory.startsWith('~/')
  return nodePath.resolve(isHome ? os.homedir() + directory.slice(1) : directory)
}

/** Begins standalone from the command line: without the directory there is nothing to do. */
export async function beginStandalone(session: ClientSession, directory: string): Promise<void> {
  try {
    await Standalone.begin(session, directory)
  } catch (error) {
    session.output.error(encoded(`Can't go standalone: ${(error as Error).message}\n`))
    throw new Exit(1)
  }
}
