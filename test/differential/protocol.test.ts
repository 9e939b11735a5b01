/**
 * The protocol itself, in raw bytes: what a server answers, and whether it then hangs up, has to
 * be the real server's doing to the byte.
 *
 * After a case's bytes a command with an unknown name is sent: when its error comes back the
 * connection is open. Cases that end within a request set `cut`: there the sending side is closed
 * instead, and all that comes until the server closes too is compared.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differential } from './support/compare.ts'
import { latin1 } from './support/reply.ts'
import type { RunningServer } from './support/server-process.ts'
import { encodeCommand, Fence, WireClient } from './support/wire.ts'

interface RawCase {
  name: string
  /** Sent one after the other, each only when the server has read the one before. */
  pieces: readonly (string | Uint8Array)[]
  cut?: boolean
}

interface Outcome {
  received: string
  closed: boolean
}

const MARK = 'is-it-open'

async function exchange(server: RunningServer, fence: Fence, raw: RawCase): Promise<Outcome> {
  const client = await WireClient.connect(server.port)
  try {
    for (const piece of raw.pieces) {
      await client.sendRaw(piece)
      await fence.pass(2)
    }
    await fence.pass(1)
    const closedEarly = client.closed
    if (raw.cut) client.endSending()
    else await client.sendRaw(encodeCommand([MARK]))
    const received = latin1(await client.readUntil((text) => text.includes(MARK)))
    const open = raw.cut ? !closedEarly : received.includes(MARK)
    return { received, closed: !open }
  } finally {
    client.close()
  }
}

/** One outcome a server; fences are kept for the whole file. */
class Exchanges {
  readonly #fences = new Map<RunningServer, Fence>()

  async with(server: RunningServer, raw: RawCase): Promise<Outcome> {
    let fence = this.#fences.get(server)
    if (!fence) {
      fence = await Fence.open(server.port)
      this.#fences.set(server, fence)
    }
    return exchange(server, fence, raw)
  }

  close(): void {
    for (const fence of this.#fences.values()) fence.close()
  }
}

const inline = (name: string, ...lines: string[]): RawCase => ({ name, pieces: [lines.join('')] })
const cut = (name: string, bytes: string): RawCase => ({ name, pieces: [bytes], cut: true })

const INLINE: RawCase[] = [
  inline('a command', 'PING\r\n'),
  inline('a bare line feed ends a line', 'PING\n'),
  inline('several lines', 'SET a 1\r\nGET a\r\nGET a\n'),
  inline('blanks all around', '  \t PING \t hello  \r\n'),
  inline('double quotes', 'ECHO "a b"\r\n'),
  inline('escapes', 'ECHO "\\x41\\n\\r\\t\\b\\a\\\\\\"\\q\\xZZ"\r\n'),
  inline('single quotes', "ECHO 'a \\' \\n b'\r\n"),
  inline('empty quotes', 'ECHO ""\r\n', "ECHO ''\r\n"),
  inline('quotes within a word', 'ECHO a"b"c\r\n'),
  inline('text after closing quotes', 'ECHO "a"b\r\n'),
  inline('unbalanced double quotes', 'ECHO "a b\r\n'),
  inline('unbalanced single quotes', "ECHO 'a b\r\n"),
  inline('a backslash at the end', 'ECHO "a\\\r\n'),
  inline('empty lines', '\r\n\r\n\nPING\r\n\r\n'),
  inline('blank lines', '   \r\nPING\r\n'),
  inline('a carriage return within', 'ECHO a\rb\r\n'),
  inline('bytes above ASCII', 'ECHO \xff\xfe\r\n'),
  inline('an unknown command', 'nosuch a b\r\n'),
  inline('too few arguments', 'GET\r\n'),
  inline('64 KB with its end', `ECHO ${'x'.repeat(64 * 1024 - 10)}\r\n`),
  inline('64 KB + 1 with its end', `ECHO ${'x'.repeat(64 * 1024)}\r\n`),
  inline('more than 64 KB without an end', 'x'.repeat(64 * 1024 + 1)),
  cut('64 KB without an end', 'x'.repeat(64 * 1024)),
  cut('no end', 'PING'),
  inline('HTTP POST', 'POST / HTTP/1.1\r\nHost: x\r\n\r\n'),
  inline('HTTP Host header', 'Host: x\r\nPING\r\n'),
]

const MULTIBULK: RawCase[] = [
  inline('a command', '*1\r\n$4\r\nPING\r\n'),
  inline('*0', '*0\r\n'),
  inline('*-1', '*-1\r\n*1\r\n$4\r\nPING\r\n'),
  inline('*-10', '*-10\r\nPING\r\n'),
  inline('* alone', '*\r\nPING\r\n'),
  inline('*x', '*x\r\n'),
  inline('*1x', '*1x\r\n$4\r\nPING\r\n'),
  inline('a blank in the count', '* 1\r\n$4\r\nPING\r\n'),
  inline('*+1', '*+1\r\n$4\r\nPING\r\n'),
  inline('*01', '*01\r\n$4\r\nPING\r\n'),
  inline('*3000000000', '*3000000000\r\n'),
  inline('*9223372036854775808', '*9223372036854775808\r\n'),
  inline('*99999999999999999999999', '*99999999999999999999999\r\n'),
  inline('*2147483648', '*2147483648\r\n'),
  cut('*2147483647', '*2147483647\r\n'),
  cut('*1048577', '*1048577\r\n$4\r\nPING\r\n'),
  cut('*20000000 and no more', '*20000000\r\n'),
  inline('no $', '*1\r\nPING\r\n'),
  inline('a blank line instead of $', '*1\r\n\r\n'),
  inline('another type instead of $', '*2\r\n$4\r\nECHO\r\n:1\r\n'),
  inline('$-1', '*1\r\n$-1\r\n'),
  inline('$-2', '*2\r\n$4\r\nECHO\r\n$-2\r\n'),
  inline('$x', '*1\r\n$x\r\n'),
  inline('$ alone', '*1\r\n$\r\n'),
  inline('$4x', '*1\r\n$4x\r\nPING\r\n'),
  inline('$+4', '*1\r\n$+4\r\nPING\r\n'),
  inline('$04', '*1\r\n$04\r\nPING\r\n'),
  inline('$0', '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n'),
  inline('$0 as the command', '*1\r\n$0\r\n\r\n'),
  inline('$2000000000', '*1\r\n$2000000000\r\n'),
  inline('$536870913', '*1\r\n$536870913\r\n'),
  cut('$536870912', '*1\r\n$536870912\r\n'),
  inline('$9223372036854775808', '*1\r\n$9223372036854775808\r\n'),
  inline('content without its CRLF', '*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n'),
  inline('line ends of something else', '*1\rx$4\rxPING\r\n'),
  inline('empty lines between', '\r\n*1\r\n$4\r\nPING\r\n\r\n\r\n*1\r\n$4\r\nPING\r\n'),
  inline('good, then broken', '*1\r\n$4\r\nPING\r\n*1\r\nx\r\n*1\r\n$4\r\nPING\r\n'),
  inline('inline and multibulk', 'PING\r\n*1\r\n$4\r\nPING\r\nPING\r\n'),
  inline('a count without end', `*${'1'.repeat(64 * 1024 + 1)}`),
  inline('a length without end', `*1\r\n$${'1'.repeat(64 * 1024 + 1)}`),
  cut('a count of 64 KB without end', `*${'1'.repeat(64 * 1024 - 1)}`),
  cut('half a command', '*2\r\n$4\r\nECHO\r\n$10\r\nabc'),
  inline('QUIT', '*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n'),
  inline('QUIT inline', 'PING\r\nquit\r\nPING\r\n'),
]

const UNAUTHENTICATED: RawCase[] = [
  inline('no password', '*1\r\n$4\r\nPING\r\n'),
  inline('ten arguments', `*10\r\n${'$1\r\na\r\n'.repeat(10)}`),
  inline('eleven arguments', `*11\r\n${'$1\r\na\r\n'.repeat(11)}`),
  inline('a count of eleven', '*11\r\n'),
  inline('an argument of 16384 bytes', `*2\r\n$4\r\nECHO\r\n$16384\r\n${'x'.repeat(16384)}\r\n`),
  inline('an argument of 16385 bytes', '*2\r\n$4\r\nECHO\r\n$16385\r\n'),
  inline('a count that is none', '*x\r\n'),
  inline('inline', 'GET a\r\n'),
  inline(
    'authenticated, then more',
    `AUTH secret\r\n*12\r\n$3\r\nDEL\r\n${'$1\r\na\r\n'.repeat(11)}`,
  ),
]

function sameOutcomes(
  cases: RawCase[],
  pair: () => { reference: RunningServer; redstart: RunningServer },
): void {
  let exchanges: Exchanges
  beforeAll(() => {
    exchanges = new Exchanges()
  })
  afterAll(() => exchanges.close())
  test.each(cases)('$name', async (raw) => {
    const [theirs, ours] = await Promise.all([
      exchanges.with(pair().reference, raw),
      exchanges.with(pair().redstart, raw),
    ])
    expect(ours).toEqual(theirs)
  })
}

const PIPELINE = latin1(
  Buffer.concat([
    encodeCommand(['SET', 'k', 'va\r\nl']),
    encodeCommand(['GET', 'k']),
    Buffer.from('ECHO "in line"\r\n'),
    encodeCommand(['ECHO', '']),
    encodeCommand(['NOSUCH', 'x']),
    Buffer.from('\r\n'),
    encodeCommand(['PING']),
  ]),
)

differential('protocol', ({ pair }) => {
  describe('inline', () => sameOutcomes(INLINE, pair))
  describe('multibulk', () => sameOutcomes(MULTIBULK, pair))
  describe('a pipeline', () => {
    const splits: RawCase[] = []
    for (let at = 0; at <= PIPELINE.length; at++) {
      const pieces = [PIPELINE.slice(0, at), PIPELINE.slice(at)].filter((piece) => piece !== '')
      splits.push({ name: `split at ${at}`, pieces })
    }
    splits.push({ name: 'byte by byte', pieces: [...PIPELINE] })
    splits.push({ name: 'a thousand times over', pieces: [PIPELINE.repeat(1000)] })
    sameOutcomes(splits, pair)
  })
})

differential('protocol before AUTH', { flags: ['--requirepass', 'secret'] }, ({ pair }) => {
  sameOutcomes(UNAUTHENTICATED, pair)
})
