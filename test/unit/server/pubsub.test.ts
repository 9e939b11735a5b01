/** Publish and subscribe: who gets what, in which order, and what is left behind. */
import { describe, expect, test } from 'vitest'
import {
  encodeRequest,
  FakeTransport,
  InProcessClient,
  testServer,
} from '../../support/in-process-client.ts'

const MB = 2 ** 20

/** Takes nothing: all that is sent stays queued. */
class StuckTransport extends FakeTransport {
  override send(bytes: Buffer, start: number, end: number): boolean {
    this.queuedBytes += end - start
    super.send(bytes, start, end)
    this.session?.server.outputQueued(this.session)
    return false
  }
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}

function message(first: '*' | '>', ...parts: readonly string[]): string {
  return `${first}${parts.length}\r\n${parts.map(bulk).join('')}`
}

function clients(count: number) {
  const server = testServer()
  return { server, all: Array.from({ length: count }, () => new InProcessClient(server)) }
}

describe('messages', () => {
  test('reach those who listen, in the protocol of each', () => {
    const { server, all } = clients(4)
    const [a, b, c, d] = all
    b!.call('HELLO', 3)
    expect(a!.call('SUBSCRIBE', 'news')).toBe('*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n')
    expect(b!.call('SUBSCRIBE', 'news')).toBe('>3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n')
    c!.call('PSUBSCRIBE', 'n*', 'x*')
    expect(d!.call('PUBLISH', 'news', 'hello')).toBe(':3\r\n')
    expect(a!.take()).toBe(message('*', 'message', 'news', 'hello'))
    expect(b!.take()).toBe(message('>', 'message', 'news', 'hello'))
    expect(c!.take()).toBe(message('*', 'pmessage', 'n*', 'news', 'hello'))
    expect(d!.call('PUBLISH', 'news', '')).toBe(':3\r\n')
    expect(a!.take()).toBe(message('*', 'message', 'news', ''))
    c!.take()
    const long = 'x'.repeat(100_000)
    expect(d!.call('PUBLISH', `n${long}`, long)).toBe(':1\r\n')
    expect(c!.take()).toBe(message('*', 'pmessage', 'n*', `n${long}`, long))
    expect(server.info(['stats'])).toContain('pubsub_channels:1\r\npubsub_patterns:2\r\n')
  })

  test('of shard channels are apart from others', () => {
    const { all } = clients(3)
    const [a, b, c] = all
    expect(a!.call('SSUBSCRIBE', 'ch')).toBe('*3\r\n$10\r\nssubscribe\r\n$2\r\nch\r\n:1\r\n')
    b!.call('PSUBSCRIBE', '*')
    expect(c!.call('PUBLISH', 'ch', 'one')).toBe(':1\r\n')
    expect(c!.call('SPUBLISH', 'ch', 'two')).toBe(':1\r\n')
    expect(a!.take()).toBe(message('*', 'smessage', 'ch', 'two'))
    expect(b!.take()).toBe(message('*', 'pmessage', '*', 'ch', 'one'))
    expect(a!.call('SUNSUBSCRIBE')).toBe('*3\r\n$12\r\nsunsubscribe\r\n$2\r\nch\r\n:0\r\n')
    expect(a!.call('SUNSUBSCRIBE')).toBe('*3\r\n$12\r\nsunsubscribe\r\n$-1\r\n:0\r\n')
  })

  test('of one round leave in one write, and stay in order with replies', () => {
    const { server, all } = clients(3)
    const [a, b, c] = all
    a!.call('HELLO', 3)
    a!.call('SUBSCRIBE', 'ch')
    b!.call('SUBSCRIBE', 'ch')
    const { sends } = b!.transport
    c!.send(encodeRequest(['PUBLISH', 'ch', '1']))
    a!.send(encodeRequest(['PING', 'x']))
    c!.send(encodeRequest(['PUBLISH', 'ch', '2']))
    a!.send(encodeRequest(['PING', 'y']))
    c!.send(encodeRequest(['PUBLISH', 'ch', '3']))
    const one = (text: string) => message('>', 'message', 'ch', text)
    expect(a!.take()).toBe(one('1') + bulk('x') + one('2') + bulk('y') + one('3'))
    const two = (text: string) => message('*', 'message', 'ch', text)
    expect(b!.take()).toBe(two('1') + two('2') + two('3'))
    expect(b!.transport.sends).toBe(sends + 1)
    expect(server.hasOwnPushes).toBe(false)
  })

  test('to the client itself come behind the reply, those of EXEC behind all of it', () => {
    const { all } = clients(1)
    const [a] = all
    a!.call('HELLO', 3)
    a!.call('SUBSCRIBE', 'ch')
    const hello = message('>', 'message', 'ch', 'hello')
    a!.send(Buffer.concat([encodeRequest(['PUBLISH', 'ch', 'hello']), encodeRequest(['PING'])]))
    expect(a!.take()).toBe(`:1\r\n${hello}+PONG\r\n`)
    a!.call('MULTI')
    a!.call('PUBLISH', 'ch', 'hello')
    a!.call('PING')
    expect(a!.call('EXEC')).toBe(`*2\r\n:1\r\n+PONG\r\n${hello}`)
  })

  test('that are long stay in order, too', () => {
    const { all } = clients(2)
    const [a, b] = all
    a!.call('HELLO', 3)
    a!.call('SUBSCRIBE', 'ch')
    const long = 'x'.repeat(MB)
    const one = message('>', 'message', 'ch', long)
    b!.send(encodeRequest(['PUBLISH', 'ch', long]))
    b!.send(encodeRequest(['PUBLISH', 'ch', long]))
    a!.send(encodeRequest(['PING', 'x']))
    b!.send(encodeRequest(['PUBLISH', 'ch', 'short']))
    a!.send(Buffer.concat([encodeRequest(['PUBLISH', 'ch', long]), encodeRequest(['PING'])]))
    const short = message('>', 'message', 'ch', 'short')
    const expected = `${one}${one}${bulk('x')}${short}:1\r\n${one}+PONG\r\n`
    expect(a!.take() === expected).toBe(true)
  })

  test('and the reply of a command that waited stay in order', () => {
    const { all } = clients(2)
    const [a, b] = all
    a!.call('HELLO', 3)
    a!.call('CONFIG', 'SET', 'notify-keyspace-events', 'El')
    a!.call('PSUBSCRIBE', '*')
    expect(a!.call('BLPOP', 'l', 0)).toBe('')
    const event = (name: string) => message('>', 'pmessage', '*', `__keyevent@0__:${name}`, 'l')
    b!.call('RPUSH', 'l', 'x')
    expect(a!.take()).toBe(`${event('rpush')}*2\r\n${bulk('l')}${bulk('x')}${event('lpop')}`)
  })

  test('are not silenced by CLIENT REPLY', () => {
    const { all } = clients(2)
    const [a, b] = all
    a!.call('CLIENT', 'REPLY', 'OFF')
    expect(a!.call('SUBSCRIBE', 'ch')).toBe('*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n')
    b!.call('PUBLISH', 'ch', 'm')
    expect(a!.take()).toBe(message('*', 'message', 'ch', 'm'))
    expect(a!.call('PING')).toBe('')
    expect(a!.call('UNSUBSCRIBE')).toBe('*3\r\n$11\r\nunsubscribe\r\n$2\r\nch\r\n:0\r\n')
    expect(a!.call('SUBSCRIBE')).toBe('')
  })

  test('in great numbers leave before the end of the turn', () => {
    const { server, all } = clients(11)
    const [publisher, ...listeners] = all
    for (const each of listeners) each.call('SUBSCRIBE', 'ch')
    const request = encodeRequest(['PUBLISH', 'ch', 'm'])
    publisher!.send(Buffer.concat(Array(10_000).fill(request)))
    expect(publisher!.take()).toBe(':10\r\n'.repeat(10_000))
    expect(listeners[0]!.transport.sends).toBeGreaterThan(1)
    expect(listeners[3]!.take()).toBe(message('*', 'message', 'ch', 'm').repeat(10_000))
    expect(server.output.isLong).toBe(false)
  })
})

describe('a client that listens', () => {
  test('may do little with RESP2, and anything with RESP3', () => {
    const { all } = clients(1)
    const [a] = all
    a!.call('SUBSCRIBE', 'ch')
    const refused = (name: string) =>
      `-ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
      'are allowed in this context\r\n'
    expect(a!.call('GET', 'x')).toBe(refused('get'))
    expect(a!.call('CONFIG', 'GET', 'save')).toBe(refused('config|get'))
    expect(a!.call('MULTI')).toBe(refused('multi'))
    expect(a!.call('PING')).toBe('*2\r\n$4\r\npong\r\n$0\r\n\r\n')
    expect(a!.call('PING', 'hi')).toBe('*2\r\n$4\r\npong\r\n$2\r\nhi\r\n')
    expect(a!.call('RESET')).toBe('+RESET\r\n')
    expect(a!.call('PING')).toBe('+PONG\r\n')
    a!.call('HELLO', 3)
    a!.call('SUBSCRIBE', 'ch')
    expect(a!.call('GET', 'x')).toBe('_\r\n')
    expect(a!.call('PING')).toBe('+PONG\r\n')
  })

  test('is shown as such', () => {
    const { all } = clients(2)
    const [a, b] = all
    a!.call('SUBSCRIBE', 'a', 'b')
    a!.call('PSUBSCRIBE', 'c*')
    a!.call('SSUBSCRIBE', 'd')
    const list = String(b!.value('CLIENT', 'LIST', 'TYPE', 'pubsub'))
    expect(list.split('\n')).toHaveLength(2)
    expect(list).toContain(' flags=P ')
    expect(list).toContain(' sub=2 psub=1 ssub=1 ')
    expect(b!.value('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1)
    expect(b!.value('CLIENT', 'LIST', 'TYPE', 'pubsub')).toBe('')
    expect(b!.value('PUBSUB', 'CHANNELS')).toEqual([])
    expect(b!.value('PUBSUB', 'SHARDCHANNELS')).toEqual([])
    expect(b!.value('PUBSUB', 'NUMPAT')).toBe(0)
    expect(b!.value('PUBSUB', 'NUMSUB', 'a')).toEqual(['a', 0])
    expect(b!.value('PUBSUB', 'SHARDNUMSUB', 'd')).toEqual(['d', 0])
    expect(b!.call('PUBSUB', 'HELP')).toContain('NUMPAT')
  })

  test('leaves nothing behind when it unsubscribes or is gone', () => {
    const { server, all } = clients(2)
    const [a, b] = all
    for (let i = 0; i < 100; i++) {
      a!.call('SUBSCRIBE', `c${i}`, `c${i}`)
      a!.call('PSUBSCRIBE', `p${i}*`)
      b!.call('PSUBSCRIBE', `p${i}*`)
    }
    expect(server.pubsub.channels.size).toBe(100)
    a!.call('UNSUBSCRIBE')
    expect(a!.call('PUNSUBSCRIBE', 'p1*', 'none')).toContain('$4\r\nnone\r\n:99\r\n')
    a!.call('PUNSUBSCRIBE')
    expect(a!.session.subscriptions).toBe(null)
    expect(server.pubsub.channels.size).toBe(0)
    expect(server.pubsub.patternCount).toBe(100)
    b!.transport.destroy()
    expect(server.pubsub.patternCount).toBe(0)
  })

  test('may not be one of a shard channel within EXEC', () => {
    const { all } = clients(1)
    const [a] = all
    a!.call('MULTI')
    a!.call('SUBSCRIBE', 'a')
    a!.call('SSUBSCRIBE', 's')
    expect(a!.call('EXEC')).toBe(
      '*2\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n' +
        "-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n",
    )
  })

  test('is cut when it takes more memory than it may', () => {
    const server = testServer({
      config: { 'client-output-buffer-limit': ['pubsub', '4mb', '0', '0'] },
    })
    const slow = new InProcessClient(server, new StuckTransport())
    const quick = new InProcessClient(server)
    const publisher = new InProcessClient(server)
    slow.call('SUBSCRIBE', 'ch')
    quick.call('SUBSCRIBE', 'ch')
    const data = 'x'.repeat(MB)
    for (let i = 0; i < 3; i++) expect(publisher.call('PUBLISH', 'ch', data)).toBe(':2\r\n')
    expect(slow.session.closed).toBe(false)
    for (let i = 0; i < 2; i++) publisher.call('PUBLISH', 'ch', data)
    expect(slow.session.closed).toBe(true)
    expect(publisher.call('PUBLISH', 'ch', data)).toBe(':1\r\n')
    expect(quick.session.closed).toBe(false)
    expect(server.outputBufferLimitDisconnections).toBe(1)
  })
})
