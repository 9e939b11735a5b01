/** A command that is sent again, on a new connection, until the server answers. */
import type { Reply } from '../../../resp/reply-parser.ts'
import { type ClientSession, pause } from '../client-session.ts'
import { ConnectionError } from '../connection.ts'

const RETRY_MS = 1000
const CLEAR_LINE = '\r\x1b[0K'

/** For commands that change nothing only. Says `Reconnecting... n` while it tries. */
export async function callReconnecting(session: ClientSession, ...words: string[]): Promise<Reply> {
  let tries = 0
  while (true) {
    try {
      if (session.connection !== null) {
        const reply = await session.connection.call(...words)
        if (tries > 0) session.output.write(CLEAR_LINE)
        return reply
      }
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.kind !== 'lost') throw error
    }
    session.output.write(`${CLEAR_LINE}Reconnecting... ${++tries}\r`)
    if (!(await session.connect({ isQuiet: true }))) await pause(RETRY_MS)
  }
}
