/** `--scan`, and what other modes that go through all keys share: SCAN and its end by Ctrl-C. */
import type { Reply } from '../../../resp/reply-parser.ts'
import { encodeRequest } from '../../../resp/request-encoder.ts'
import { type ClientSession, pause } from '../client-session.ts'
import { Exit } from '../output.ts'
import { quotedText } from '../reply-format.ts'

/** Goes through the keys by SCAN, a reply at a time, until it ends or Ctrl-C is pressed. */
export class KeyScan {
  /** Whether Ctrl-C has ended it. */
  isCancelled = false
  private readonly session: ClientSession

  constructor(session: ClientSession) {
    this.session = session
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string[]> {
    const { options, connection, output } = this.session
    const matching = options.pattern === null ? [] : ['MATCH', options.pattern]
    const onInterrupt = () => {
      this.isCancelled = true
    }
    process.on('SIGINT', onInterrupt)
    let cursor = '0'
    do {
      const count = ['COUNT', String(options.scanCount)]
      const reply = await connection!.call('SCAN', cursor, ...matching, ...count)
      if (reply.type === 'error') {
        output.error(`SCAN error: ${reply.text}\n`)
        throw new Exit(1)
      }
      cursor = reply.elements[0].text
      yield reply.elements[1].elements.map((key) => key.text)
    } while (!this.isCancelled && cursor !== '0')
    process.off('SIGINT', onInterrupt)
  }
}

/** Sends requests in one go. @returns their replies */
export async function pipeline(
  session: ClientSession,
  requests: readonly (readonly string[])[],
): Promise<Reply[]> {
  const connection = session.connection!
  connection.sendRaw(Buffer.concat(requests.map((words) => encodeRequest(words))))
  const replies: Reply[] = []
  for (let i = 0; i < requests.length; i++) replies.push(await connection.readReply())
  return replies
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

/** Prints every key on a line. */
export async function scanMode(session: ClientSession): Promise<number> {
  const { options, output } = session
  for await (const keys of new KeyScan(session)) {
    const isStandard = options.format === 'standard'
    let text = ''
    for (const key of keys) text += `${isStandard ? quotedText(key) : key}\n`
    output.write(text)
    if (options.intervalMs > 0) await pause(options.intervalMs)
  }
  return 0
}
