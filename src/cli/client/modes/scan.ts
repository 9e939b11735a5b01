/** `--scan`, and what other modes that go through all keys share: SCAN and its end by Ctrl-C. */
import type { Reply } from '../../../resp/reply-parser.ts'
import { type ClientSession, pause } from '../client-session.ts'
import type { Connection } from '../connection.ts'
import { Exit } from '../output.ts'
import { quotedText } from '../reply-format.ts'

/** What is asked about the keys of a batch, one reply of SCAN. */
export interface Question<Batch> {
  /** The requests, which may depend on what was learned by the questions before. */
  ask(batch: Batch): readonly (readonly string[])[]
  /** Takes the replies, one for each request. */
  take(batch: Batch, replies: readonly Reply[]): void
}

interface Pending<Batch> {
  readonly batch: Batch
  /** How many questions have been answered. */
  answered: number
  /** How many requests of the next one are under way. */
  asked: number
}

/**
 * Goes through the keys by SCAN, a batch at a time, until it ends or Ctrl-C is pressed, and asks
 * the questions about each. What is asked in one round trip is the next SCAN, the first question
 * about the batch that came last, the second about the one before it, and so on; and while the
 * replies are on their way, the caller gets the batch about which all is known.
 */
export class KeyScan<Batch> {
  /** Whether Ctrl-C has ended it. */
  isCancelled = false
  private readonly session: ClientSession
  private readonly newBatch: (keys: readonly string[]) => Batch
  private readonly questions: readonly Question<Batch>[]
  private readonly pending: Pending<Batch>[] = []
  /** Of the next SCAN; null behind the last one. */
  private cursor: string | null = '0'

  constructor(
    session: ClientSession,
    newBatch: (keys: readonly string[]) => Batch,
    questions: readonly Question<Batch>[] = [],
  ) {
    this.session = session
    this.newBatch = newBatch
    this.questions = questions
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    const onInterrupt = () => {
      this.isCancelled = true
    }
    process.on('SIGINT', onInterrupt)
    try {
      yield* this.batches()
    } finally {
      process.off('SIGINT', onInterrupt)
    }
  }

  private async *batches(): AsyncGenerator<Batch> {
    let known: Batch | null = null
    while (this.cursor !== null || this.pending.length > 0) {
      if (this.isCancelled) this.cursor = null
      this.sendRound()
      if (known !== null) yield known
      await this.readRound()
      const isKnown = this.pending[0]?.answered === this.questions.length
      known = isKnown ? this.pending.shift()!.batch : null
    }
    if (known !== null) yield known
  }

  /** Waits for the time of `-i`, unless there is nothing to come. */
  async pause(): Promise<void> {
    const { intervalMs } = this.session.options
    if (intervalMs > 0 && !this.isCancelled) await pause(intervalMs)
  }

  private sendRound(): void {
    const { connection, options } = this.session
    let text = ''
    for (const pending of this.pending) {
      const requests = this.questions[pending.answered].ask(pending.batch)
      pending.asked = requests.length
      for (const words of requests) text += requestText(words)
    }
    if (this.cursor !== null) {
      const matching = options.pattern === null ? [] : ['MATCH', options.pattern]
      const count = ['COUNT', String(options.scanCount)]
      text += requestText(['SCAN', this.cursor, ...matching, ...count])
    }
    if (text !== '') connection!.sendRaw(Buffer.from(text, 'latin1'))
  }

  private async readRound(): Promise<void> {
    const connection = this.session.connection!
    for (const pending of this.pending) {
      const replies = await readReplies(connection, pending.asked)
      this.questions[pending.answered++].take(pending.batch, replies)
    }
    if (this.cursor === null) return
    const reply = await connection.readReply()
    if (reply.type === 'error') {
      this.session.output.error(`SCAN error: ${reply.text}\n`)
      throw new Exit(1)
    }
    const cursor = reply.elements[0].text
    this.cursor = cursor === '0' ? null : cursor
    const keys = reply.elements[1].elements.map((key) => key.text)
    this.pending.push({ batch: this.newBatch(keys), answered: 0, asked: 0 })
  }
}

/** A request, of words in Latin-1, as text in Latin-1. */
function requestText(words: readonly string[]): string {
  let text = `*${words.length}\r\n`
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`
  return text
}

async function readReplies(connection: Connection, count: number): Promise<Reply[]> {
  const replies: Reply[] = []
  while (replies.length < count) {
    const reply = connection.poll() ?? (await connection.read())
    if (reply.type !== 'push') replies.push(reply)
  }
  return replies
}

/** Sends requests in one go. @returns their replies */
export async function pipeline(
  session: ClientSession,
  requests: readonly (readonly string[])[],
): Promise<Reply[]> {
  const connection = session.connection!
  connection.sendRaw(Buffer.from(requests.map(requestText).join(''), 'latin1'))
  return readReplies(connection, requests.length)
}

/** The number of keys in the database. */
export async function keyCount(session: ClientSession): Promise<number> {
  const reply = await session.connection!.call('DBSIZE')
  if (reply.type === 'integer') return Number(reply.text)
  session.output.error(`Couldn't determine DBSIZE: ${reply.text}\n`)
  throw new Exit(1)
}

/** A share as the modes show it, two digits before the point: `07.50%`. */
export function percent(part: number, whole: number): string {
  const share = (100 * part) / whole
  return `${Number.isFinite(share) ? share.toFixed(2).padStart(5, '0') : ' -nan'}%`
}

/** From this length on output is written that nobody watches. */
const BUFFERED_CHARACTERS = 4096

/** Prints every key on a line. */
export async function scanMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  const isStandard = options.format === 'standard'
  const least = output.isTerminal || options.intervalMs > 0 ? 1 : BUFFERED_CHARACTERS
  let text = ''
  try {
    const scan = new KeyScan(session, (batch) => batch)
    for await (const keys of scan) {
      for (const key of keys) text += `${isStandard ? quotedText(key) : key}\n`
      if (text.length >= least) {
        output.write(text)
        text = ''
      }
      await scan.pause()
      if (scan.isCancelled) break
    }
  } finally {
    output.write(text)
  }
  return 0
}
