/**
 * What was written while the client was standalone, on disk, so that it can be replayed on the
 * server later. It is plain requests of RESP with a SELECT before each change of database: what
 * `redstart cli --pipe` takes too. Every change is synced before the prompt comes back.
 *
 * A request that a crash has cut off at the end is dropped when the journal is opened.
 */
import fs from 'node:fs'
import { ReplyParser, ReplyProtocolError } from '../../resp/reply-parser.ts'
import { encodeRequest } from '../../resp/request-encoder.ts'

export interface JournalEntry {
  readonly database: number
  readonly commands: readonly (readonly string[])[]
  /** Whether they go between MULTI and EXEC; else there is one command. */
  readonly isTransaction: boolean
}

export class Journal {
  readonly path: string
  readonly entries: JournalEntry[] = []
  private database = 0

  constructor(path: string) {
    this.path = path
    this.load()
  }

  /** Adds a change. Throws the system's error if it cannot be kept. */
  add(entry: JournalEntry): void {
    const file = fs.openSync(this.path, 'a', 0o600)
    try {
      const bytes = this.encode(entry)
      for (let done = 0; done < bytes.length; ) done += fs.writeSync(file, bytes, done)
      fs.fsyncSync(file)
    } finally {
      fs.closeSync(file)
    }
    this.entries.push(entry)
  }

  /** Keeps only the entries from an index on. */
  dropBefore(index: number): void {
    this.entries.splice(0, index)
    if (this.entries.length === 0) {
      fs.rmSync(this.path, { force: true })
      this.database = 0
    } else this.rewrite()
  }

  private rewrite(): void {
    this.database = 0
    const replacement = `${this.path}.new`
    const file = fs.openSync(replacement, 'w', 0o600)
    fs.writeFileSync(file, Buffer.concat(this.entries.map((entry) => this.encode(entry))))
    fs.fsyncSync(file)
    fs.closeSync(file)
    fs.renameSync(replacement, this.path)
  }

  private encode({ database, commands, isTransaction }: JournalEntry): Buffer {
    const parts: Buffer[] = []
    if (database !== this.database) parts.push(encodeRequest(['SELECT', String(database)]))
    this.database = database
    if (isTransaction) parts.push(encodeRequest(['MULTI']))
    for (const words of commands) parts.push(encodeRequest(words))
    if (isTransaction) parts.push(encodeRequest(['EXEC']))
    return Buffer.concat(parts)
  }

  private put(commands: string[][], isTransaction: boolean): void {
    this.entries.push({ database: this.database, commands, isTransaction })
  }

  private load(): void {
    if (!fs.existsSync(this.path)) return
    const parser = new ReplyParser()
    parser.push(fs.readFileSync(this.path))
    let transaction: string[][] | null = null
    let isDamaged = false
    try {
      for (let next = parser.next(); next !== null; next = parser.next()) {
        const words = next.elements.map((word) => word.text)
        if (words[0] === 'SELECT') this.database = Number(words[1])
        else if (words[0] === 'MULTI') transaction = []
        else if (words[0] === 'EXEC') {
          this.put(transaction ?? [], true)
          transaction = null
        } else if (transaction !== null) transaction.push(words)
        else this.put([words], false)
      }
      isDamaged = parser.underWay || transaction !== null
    } catch (error) {
      if (!(error instanceof ReplyProtocolError)) throw error
      isDamaged = true
    }
    if (isDamaged) this.rewrite()
  }
}
