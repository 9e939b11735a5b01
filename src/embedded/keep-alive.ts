/**
 * Keeps the process alive while somebody waits for something that only this process can bring: the
 * store's own timers do not. An open port does it; a timer would be held by tests that fake timers.
 */
import { MessageChannel } from 'node:worker_threads'

export class KeepAlive {
  private channel: MessageChannel | null = null
  private count = 0

  hold(): void {
    if (this.count++ > 0) return
    this.channel = new MessageChannel()
    // A port with a listener keeps the process alive until it is closed.
    this.channel.port1.on('message', () => {})
  }

  release(): void {
    if (--this.count > 0) return
    this.channel?.port1.close()
    this.channel = null
  }
}
