import { Duplex } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { parseClientOptions } from '../../../../src/cli/client/client-options.ts'
import { ClientSession } from '../../../../src/cli/client/client-session.ts'
import { Connection, ConnectionError } from '../../../../src/cli/client/connection.ts'
import { Exit, type Output } from '../../../../src/cli/client/output.ts'

/** A server that answers each request with the next of the replies that it was given. */
class ScriptedServer extends Duplex {
  readonly requests: string[] = []
  private readonly replies: (string | null)[]

  constructor(replies: readonly (string | null)[]) {
    super({ allowHalfOpen: false })
    this.replies = [...replies]
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const words = chunk.toString('latin1').split('\r\n')
    this.requests.push(
      words
        .filter((_, i) => i % 2 === 0 && i > 0)
        .join(' ')
        .trim(),
    )
    const reply = this.replies.shift()
    if (reply === null) this.push(null)
    else if (reply !== undefined) this.push(Buffer.from(reply, 'latin1'))
    done()
  }
}

class Recorder implements Output {
  readonly isTerminal = true
  shown = ''
  errors = ''
  write(text: string): void {
    this.shown += text
  }
  error(text: string): void {
    this.errors += text
  }
  print(text: string): void {
    this.shown += text
  }
  async flush(): Promise<void> {}
}

describe('the session of the client', () => {
  let output: Recorder
  let servers: ScriptedServer[]
  let ports: number[]
  beforeEach(() => {
    output = new Recorder()
    servers = []
    ports = []
  })

  /** A session whose connections, one after the other, have these replies. */
  function sessionOf(argv: string[], ...scripts: (string | null)[][]): ClientSession {
    const parsed = parseClientOptions(
      argv,
      true,
      () => false,
      () => null,
    )
    const session = new ClientSession(parsed.options, output)
    session.opener = async (options) => {
      const script = scripts.shift()
      ports.push(options.port)
      if (script === undefined) throw new ConnectionError('Connection refused', 'lost')
      const server = new ScriptedServer(script)
      servers.push(server)
      return new Connection(server)
    }
    return session
  }

  test('authenticates, selects and switches before the first command', async () => {
    const argv = ['--no-auth-warning', '--user', 'me', '-a', 'pass', '-n', '2', '-3']
    const session = sessionOf(argv, ['+OK\r\n', '+OK\r\n', '%0\r\n', ':1\r\n'])
    expect(await session.run(['INCR', 'n'], 1)).toBe(true)
    expect(servers[0].requests).toEqual(['AUTH me pass', 'SELECT 2', 'HELLO 3', 'INCR n'])
    expect(session).toMatchObject({ database: 2, isResp3: true })
    expect(output.shown).toBe('(integer) 1\n')
  })

  test('tells where it cannot connect', async () => {
    const session = sessionOf(['-p', '7'])
    expect(await session.run(['PING'], 1)).toBe(false)
    expect(output.errors).toBe('Could not connect to Redis at 127.0.0.1:7: Connection refused\n')
  })

  test('follows MOVED to another server', async () => {
    const moved = ['-MOVED 3999 10.0.0.2:7001\r\n']
    const session = sessionOf(['-c'], moved, ['+OK\r\n'])
    session.isInteractive = true
    await session.run(['SET', 'a', '1'], 1)
    expect(ports).toEqual([6379, 7001])
    expect(session.options.host).toBe('10.0.0.2')
    expect(servers[1].requests).toEqual(['SET a 1'])
    expect(output.shown).toBe('-> Redirected to slot [3999] located at 10.0.0.2:7001\nOK\n')
  })

  test('follows ASK, and asks', async () => {
    const session = sessionOf(['-c'], ['-ASK 1 :7002\r\n'], ['+OK\r\n', '$1\r\nv\r\n'])
    await session.run(['GET', 'a'], 1)
    expect(session.options.host).toBe('127.0.0.1')
    expect(servers[1].requests).toEqual(['ASKING', 'GET a'])
  })

  test('shows redirections as errors without -c', async () => {
    const session = sessionOf([], ['-MOVED 1 h:1\r\n'])
    await session.run(['GET', 'a'], 1)
    expect(output.shown).toBe('(error) MOVED 1 h:1\n')
  })

  test('knows of transactions and of databases selected in them', async () => {
    const replies = ['+OK\r\n', '+OK\r\n', '+QUEUED\r\n', '*-1\r\n']
    const session = sessionOf([], replies)
    await session.run(['SELECT', '1'], 1)
    await session.run(['MULTI'], 1)
    expect(session.isInTransaction).toBe(true)
    await session.run(['SELECT', '5'], 1)
    await session.run(['EXEC'], 1)
    expect(session).toMatchObject({ isInTransaction: false, database: 1 })
  })

  test('subscribes with a reply for each channel, and shows messages', async () => {
    const confirmed = (name: string, n: number) =>
      `*3\r\n$9\r\nsubscribe\r\n$1\r\n${name}\r\n:${n}\r\n`
    const message = '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n'
    const session = sessionOf([], [confirmed('a', 1) + message + confirmed('b', 2) + message])
    await session.run(['SUBSCRIBE', 'a', 'b'], 1)
    expect(session.isSubscribed).toBe(true)
    await session.readReply(false)
    expect(output.shown.match(/"hi"/g)).toHaveLength(2)
    expect(session.abortReading()).toBe(true)
  })

  test('shows pushes before the reply that they come with', async () => {
    const push = '>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n'
    const session = sessionOf([], [`${push}$1\r\nv\r\n`])
    await session.run(['GET', 'k'], 1)
    expect(output.shown).toBe(`-> invalidate: 'k'\n"v"\n`)
    output.shown = ''
    const quiet = sessionOf(['--show-pushes', 'no'], [`${push}$1\r\nv\r\n`])
    await quiet.run(['GET', 'k'], 1)
    expect(output.shown).toBe('"v"\n')
  })

  test('survives a lost connection when it is interactive, and connects for the next', async () => {
    const session = sessionOf([], [null], ['+PONG\r\n'])
    session.isInteractive = true
    const lost: [string, boolean][] = []
    session.onLostReply = async (words, connection) => {
      lost.push([words.join(' '), connection.isLastSent])
    }
    expect(await session.run(['INCR', 'n'], 1)).toBe(false)
    expect(output.errors).toBe('Error: Server closed the connection\n')
    expect(lost).toEqual([['INCR n', true]])
    expect(await session.run(['PING'], 1)).toBe(true)
    expect(servers[1].requests).toEqual(['PING'])
  })

  test('ends with 1 when it is not', async () => {
    const session = sessionOf([], [null])
    await expect(session.run(['INCR', 'n'], 1)).rejects.toThrow(Exit)
  })

  test('is done when SHUTDOWN is not answered', async () => {
    const session = sessionOf([], [null])
    expect(await session.run(['SHUTDOWN'], 1)).toBe(true)
    expect(output.errors).toBe('')
  })

  test('ends with an error when -e is given', async () => {
    const session = sessionOf(['-e'], ['-ERR no\r\n'])
    await expect(session.run(['X'], 1)).rejects.toThrow(Exit)
    expect(output.errors).toBe('ERR no\n')
  })
})
