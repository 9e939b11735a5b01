/**
 * The store's end of a port that another thread is attached to. All commands run in the thread of
 * the store, one behind the other, so threads never see each other's halves. Each port has a
 * session of its own: its database, what it watches, what it waits for and listens to end with it,
 * and it ends with its thread, however that ends.
 */
import type { MessagePort } from 'node:worker_threads'
import type { Command } from '../commands/command-table.ts'
import { NoTransport } from '../server/no-transport.ts'
import type { Server } from '../server/server.ts'
import { KeepAlive } from './keep-alive.ts'
import { PortCalls } from './port-calls.ts'
import { PACKED_BYTES, type PortAnswer, type PortRequest } from './port-messages.ts'
import { type Subscription, SubscriptionTable } from './subscriptions.ts'
import { writeValue } from './value-reply.ts'
import { mayWait, Waiting } from './waiting.ts'

/** The number of no call. */
const NONE = -1

/** Ends the port when somebody ends its session: CLIENT KILL. */
class PortTransport extends NoTransport {
  private readonly port: MessagePort

  constructor(port: MessagePort) {
    super()
    this.port = port
  }

  override end(): void {
    this.port.close()
  }

  override destroy(): void {
    this.port.close()
  }
}

export class SharedPort {
  private readonly port: MessagePort
  private readonly calls: PortCalls
  private readonly waiting: Waiting
  private readonly table: SubscriptionTable
  private readonly subscriptions = new Map<number, Subscription>()
  private answers: PortAnswer[] = []
  /** The call whose reply is the first of those that are not packed yet. */
  private first = NONE
  /** The call whose reply may come behind them. */
  private next = NONE

  /** @param onClosed called when the port is gone */
  constructor(server: Server, port: MessagePort, onClosed: () => void) {
    this.port = port
    const session = server.addSession(new PortTransport(port))
    this.calls = new PortCalls(server, session)
    this.waiting = new Waiting(server, session, new KeepAlive())
    this.table = new SubscriptionTable(server)
    port.on('message', (requests: readonly PortRequest[]) => this.receive(requests))
    port.on('close', () => {
      session.onClosed()
      this.calls.close()
      this.waiting.close()
      this.table.close()
      onClosed()
    })
    // The other thread keeps the process alive as long as it runs.
    port.unref()
  }

  close(): void {
    this.port.close()
  }

  private receive(requests: readonly PortRequest[]): void {
    for (const request of requests) this.handle(request)
    this.calls.args.clear()
    this.post()
  }

  private handle(request: PortRequest): void {
    const { calls, subscriptions } = this
    if (request.kind === 'calls') {
      let id = request.first
      for (calls.open(request.bytes); calls.next(); id++) this.call(id)
    } else if (request.kind === 'exec') {
      this.begin(request.id)
      try {
        calls.execute(request.bytes)
      } catch (error) {
        calls.fail(error)
      }
    } else if (request.kind === 'subscribe') {
      const { id, name, options } = request
      const listener = (message: string, channel: string) =>
        this.port.postMessage([{ kind: 'message', id, message, channel }] satisfies PortAnswer[])
      subscriptions.set(id, this.table.add(name, listener, options))
    } else {
      subscriptions.get(request.id)?.close()
      subscriptions.delete(request.id)
    }
  }

  private call(id: number): void {
    const { calls } = this
    this.begin(id)
    try {
      const command = calls.resolve()
      if (mayWait(command)) this.wait(id, command)
      else calls.run(command)
    } catch (error) {
      calls.fail(error)
    }
  }

  private wait(id: number, command: Command): void {
    const { args } = this.calls
    // What comes behind it is answered before it.
    this.next = NONE
    const words = command.fullName.includes('|') ? 2 : 1
    const list = Array.from({ length: args.count - words }, (_, i) => args.copy(words + i))
    const answer = (write: () => void) => {
      this.begin(id)
      write()
      this.post()
    }
    this.waiting.send(command.fullName, list, true).then(
      (value) => answer(() => writeValue(this.calls.reply, value)),
      (error) => answer(() => this.calls.fail(error)),
    )
  }

  /** Begins the reply of a call. */
  private begin(id: number): void {
    const { reply } = this.calls
    if (id !== this.next || reply.length > PACKED_BYTES) {
      this.pack()
      this.first = id
    }
    this.next = id + 1
    reply.begin()
  }

  /** Packs the replies so far. */
  private pack(): void {
    const { reply } = this.calls
    if (reply.length === 0) return
    this.answers.push({ kind: 'replies', first: this.first, bytes: reply.take() })
    this.next = NONE
  }

  private post(): void {
    this.pack()
    const { answers } = this
    if (answers.length === 0) return
    this.answers = []
    this.port.postMessage(answers)
  }
}
