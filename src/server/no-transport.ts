/**
 * The transport of a session with nobody at its other end, whose commands are run from within: a
 * log that is done again, calls of the process that the server is embedded in.
 */
import type { Transport } from './session.ts'

export class NoTransport implements Transport {
  readonly remoteAddress = ''
  readonly localAddress = ''
  readonly isUnixSocket = false
  readonly fd = -1
  readonly queuedBytes = 0

  send(): boolean {
    return false
  }

  sendShared(): void {}

  end(): void {}

  destroy(): void {}
}
