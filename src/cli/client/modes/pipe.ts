/**
 * `--pipe`: raw protocol from standard input to the server, as fast as it takes it, while its
 * replies are counted. Behind the input goes an ECHO of random bytes: its reply is the sign that
 * everything before has been answered. Input is read on only while the server takes what was sent.
 */
import crypto from 'node:crypto'
import { latin1 } from '../../../bytes/text.ts'
import { encodeRequest } from '../../../resp/request-encoder.ts'
import type { ClientSession } from '../client-session.ts'
import { ConnectionError } from '../connection.ts'

const MAGIC_BYTES = 20

export async function pipeMode(session: ClientSession): Promise<number> {
  const { output } = session
  const connection = session.connection!
  const magic = latin1(crypto.randomBytes(MAGIC_BYTES))
  const timer = new ReplyTimer(session.options.pipeTimeoutSeconds, () => connection.close())
  void transfer(session, magic, timer)
  let errors = 0
  let replies = 0
  try {
    while (true) {
      const reply = await connection.readReply()
      timer.restart()
      if (reply.type === 'string' && reply.text === magic) break
      replies++
      if (reply.type !== 'error') continue
      output.error(`${reply.text}\n`)
      errors++
    }
    output.write('Last reply received from server.\n')
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    if (!timer.isOver) {
      output.error('Error reading replies from server\n')
      return 1
    }
    output.error(`No replies for ${session.options.pipeTimeoutSeconds} seconds: exiting.\n`)
    errors++
  }
  timer.stop()
  output.write(`errors: ${errors}, replies: ${replies}\n`)
  return errors > 0 ? 1 : 0
}

async function transfer(session: ClientSession, magic: string, timer: ReplyTimer): Promise<void> {
  const connection = session.connection!
  const { stream } = connection
  for await (const chunk of process.stdin) {
    if (connection.failure !== null) return
    if (!connection.sendRaw(chunk as Buffer)) {
      await new Promise<void>((resolve) => {
        stream.once('drain', resolve)
        stream.once('close', resolve)
      })
    }
  }
  // An empty line ends a request that the input has left open, and means nothing otherwise.
  connection.sendRaw(Buffer.from('\r\n'))
  connection.sendRaw(encodeRequest(['ECHO', magic]))
  session.output.write('All data transferred. Waiting for the last reply...\n')
  timer.isArmed = true
  timer.restart()
}

/** Goes off when no reply has come for a while after all was sent. */
class ReplyTimer {
  isArmed = false
  isOver = false
  private timer: NodeJS.Timeout | undefined
  private readonly seconds: number
  private readonly onOver: () => void

  constructor(seconds: number, onOver: () => void) {
    this.seconds = seconds
    this.onOver = onOver
  }

  restart(): void {
    this.stop()
    if (!this.isArmed || this.seconds <= 0) return
    this.timer = setTimeout(() => {
      this.isOver = true
      this.onOver()
    }, this.seconds * 1000)
  }

  stop(): void {
    clearTimeout(this.timer)
  }
}
