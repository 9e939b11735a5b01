/** CLIENT PAUSE: commands are held back, and run when the pause is over. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../src/platform/clock.ts'
import { checkServer, InProcessClient, testServer } from '../../support/in-process-client.ts'

function setUp() {
  const clock = new ManualClock()
  const server = testServer({ clock })
  const [control, client, other] = [1, 2, 3].map(() => new InProcessClient(server))
  /** Moves the clock, and does what the timer of the pause would. */
  const advance = (ms: number) => {
    clock.advance(ms)
    server.pause.look()
  }
  return { server, control: control!, client: client!, other: other!, advance }
}

describe('a pause', () => {
  test('holds back everything until its time is over', () => {
    const { server, control, client, advance } = setUp()
    expect(control.call('CLIENT', 'PAUSE', 100)).toBe('+OK\r\n')
    expect(client.call('SET', 'a', '1')).toBe('')
    expect(client.call('GET', 'a')).toBe('')
    expect(control.call('PING')).toBe('')
    expect(server.pause.heldCount).toBe(2)
    advance(99)
    expect(client.take()).toBe('')
    advance(1)
    expect(client.take()).toBe('+OK\r\n$1\r\n1\r\n')
    expect(control.take()).toBe('+PONG\r\n')
    expect(server.pause.heldCount).toBe(0)
    expect(client.call('PING')).toBe('+PONG\r\n')
    expect(client.session.queryCapacity).toBe(0)
    checkServer(server)
  })

  test('of writes lets reads through', () => {
    const { control, client, other, advance } = setUp()
    control.call('CLIENT', 'PAUSE', 100, 'write')
    expect(client.call('GET', 'a')).toBe('$-1\r\n')
    expect(client.call('SET', 'a', '1')).toBe('')
    expect(client.call('GET', 'a')).toBe('')
    expect(other.call('GET', 'a')).toBe('$-1\r\n')
    const line = String(other.value('CLIENT', 'LIST', 'ID', client.session.id))
    expect(line).toContain(' flags=b ')
    advance(100)
    expect(client.take()).toBe('+OK\r\n$1\r\n1\r\n')
  })

  test('does not hold back what is answered by an error anyway', () => {
    const { control, client } = setUp()
    control.call('CLIENT', 'PAUSE', 100)
    expect(client.call('NOSUCH')).toMatch(/^-ERR unknown command/)
    expect(client.call('GET')).toMatch(/^-ERR wrong number/)
    client.send('*x\r\n')
    expect(client.take()).toMatch(/^-ERR Protocol error/)
  })

  test('ends with CLIENT UNPAUSE', () => {
    const { server, control, client } = setUp()
    control.call('CLIENT', 'PAUSE', 1e12, 'WRITE')
    expect(client.call('SET', 'a', '1')).toBe('')
    expect(control.call('CLIENT', 'UNPAUSE')).toBe('+OK\r\n')
    server.pause.look()
    expect(client.take()).toBe('+OK\r\n')
    expect(control.call('CLIENT', 'UNPAUSE')).toBe('+OK\r\n')
  })

  test('keeps the longer time and the stricter mode', () => {
    const { control, client, advance } = setUp()
    control.call('CLIENT', 'PAUSE', 100, 'WRITE')
    control.call('CLIENT', 'PAUSE', 50, 'WRITE')
    control.call('CLIENT', 'PAUSE', 10, 'ALL')
    expect(client.call('PING')).toBe('')
    advance(50)
    expect(client.take()).toBe('')
    advance(50)
    expect(client.take()).toBe('+PONG\r\n')
  })

  test('is none with a time of 0', () => {
    const { control, client } = setUp()
    expect(control.call('CLIENT', 'PAUSE', 0)).toBe('+OK\r\n')
    expect(client.call('PING')).toBe('+PONG\r\n')
  })

  test('keeps pipelines in their order, however they are cut', () => {
    const pipeline = 'SET a 1\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\nECHO "x y"\r\nPING\r\n'
    for (let at = 0; at <= pipeline.length; at++) {
      const { server, control, client, advance } = setUp()
      control.call('CLIENT', 'PAUSE', 100)
      client.send(pipeline.slice(0, at))
      client.send(pipeline.slice(at))
      expect(client.take()).toBe('')
      advance(100)
      expect(client.take()).toBe('+OK\r\n$1\r\n1\r\n$3\r\nx y\r\n+PONG\r\n')
      expect(client.session.queryCapacity).toBe(0)
      checkServer(server)
    }
  })

  test('may be begun anew by a command that was held back', () => {
    const { control, client, other, advance } = setUp()
    control.call('CLIENT', 'PAUSE', 100)
    client.send('CLIENT PAUSE 100\r\nPING\r\n')
    other.send('PING\r\n')
    advance(100)
    expect(client.take()).toBe('+OK\r\n')
    expect(other.take()).toBe('')
    advance(100)
    expect(client.take()).toBe('+PONG\r\n')
    expect(other.take()).toBe('+PONG\r\n')
  })

  test('is survived by those who hang up meanwhile, or are killed', () => {
    const { server, control, client, other, advance } = setUp()
    control.call('CLIENT', 'PAUSE', 100, 'WRITE')
    client.call('SET', 'a', '1')
    other.call('SET', 'b', '1')
    client.close()
    control.call('CLIENT', 'KILL', 'ID', other.session.id)
    expect(server.pause.heldCount).toBe(0)
    advance(100)
    expect(control.value('GET', 'a')).toBe(null)
    expect(control.value('GET', 'b')).toBe(null)
  })

  test('does not upset CLIENT REPLY SKIP, nor QUIT', () => {
    const { control, client, other, advance } = setUp()
    client.call('CLIENT', 'REPLY', 'SKIP')
    control.call('CLIENT', 'PAUSE', 100)
    client.send('PING 1\r\nPING 2\r\n')
    other.send('QUIT\r\nPING\r\n')
    advance(100)
    expect(client.takeValues()).toEqual(['2'])
    expect(other.take()).toBe('+OK\r\n')
    expect(other.closed).toBe(true)
  })

  test('does not lift the limit of the query buffer', () => {
    const server = testServer({ config: { 'client-query-buffer-limit': '1mb' } })
    const client = new InProcessClient(server)
    client.send('CLIENT PAUSE 100\r\nPING\r\n')
    for (let i = 0; i < 17; i++) client.send(Buffer.alloc(64 * 1024, 'PING\r\n'))
    expect(client.transport.destroyed).toBe(true)
    expect(server.pause.heldCount).toBe(0)
  })

  test('ends by itself, by the timer', async () => {
    const { server, control, client } = setUp()
    control.call('CLIENT', 'PAUSE', 100)
    client.send('PING\r\n')
    server.pause.end()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(client.take()).toBe('+PONG\r\n')
  })

  test.each([
    [['100', 'maybe'], 'ERR CLIENT PAUSE mode must be WRITE or ALL'],
    [['x', 'maybe'], 'ERR CLIENT PAUSE mode must be WRITE or ALL'],
    [['x'], 'ERR timeout is not an integer or out of range'],
    [['1.5'], 'ERR timeout is not an integer or out of range'],
    [['-1'], 'ERR timeout is negative'],
    [['9223372036854775807'], 'ERR timeout is out of range'],
    [['9223372036854775808'], 'ERR timeout is not an integer or out of range'],
    [
      ['1', 'ALL', 'x'],
      "ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.",
    ],
  ])('CLIENT PAUSE %j', (args, error) => {
    const { server, control } = setUp()
    expect(control.call('CLIENT', 'PAUSE', ...args)).toBe(`-${error}\r\n`)
    expect(server.pause.active).toBe(false)
  })
})
