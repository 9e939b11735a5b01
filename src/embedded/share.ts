/**
 * The store's end of a port that another thread is attached to. All commands run in the thread of
 * the store, one behind the other, so threads never see each other's halves. Each port has a
 * session of its own: its database, what it watches, what it waits for and listens to end with it,
 * and it ends with its thread, however that ends.
 */
import type { MessagePort } from 'node:worker_threads'
import { NoTransport } from '../server/no-transport.ts'
import type { Server } from '../server/server.ts'
import { Calls } from './call.ts'
import { KeepAlive } from './keep-alive.ts'
import { type PortAnswer, type PortRequest, pack } from './port-messages.ts'
import { StoreError } from './store-error.ts'
import { type Subscription, SubscriptionTable } from './subscriptions.ts'
import { Waiting } from './waiting.ts'

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
  private readonly calls: Calls
  private readonly waiting: Waiting
  private readonly table: SubscriptionTable
  private readonly subscriptions = new Map<number, Subscription>()

  /** @param onClosed called when the port is gone */
  constructor(server: Server, port: MessagePort, onClosed: () => void) {
    this.port = port
    const session = server.addSession(new PortTransport(port))
    this.calls = new Calls(server, session)
    this.waiting = new Waiting(server, this.calls, new KeepAlive())
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
    const answers: PortAnswer[] = []
    for (const request of requests) this.handle(request, answers)
    if (answers.length > 0) this.port.postMessage(answers)
  }

  private handle(request: PortRequest, answers: PortAnswer[]): void {
    const { id, kind } = request
    try {
      if (kind === 'call') {
        const { args, asBytes, name } = request
        if (this.waiting.isWaiting(name)) return this.wait(request)
        const value = this.calls.finish(this.calls.prepare(name, args), asBytes)
        answers.push({ kind: 'value', id, value: pack(value) })
      } else if (kind === 'exec') {
        const value = this.calls.execute(request.requests)
        answers.push({ kind: 'value', id, value: pack(value) })
      } else if (kind === 'subscribe') {
        const listener = (message: string, channel: string) =>
          this.port.postMessage([{ kind: 'message', id, message, channel }] satisfies PortAnswer[])
        this.subscriptions.set(id, this.table.add(request.name, listener, request.options))
      } else {
        this.subscriptions.get(id)?.close()
        this.subscriptions.delete(id)
      }
    } catch (error) {
      answers.push({ kind: 'error', id, text: textOf(error) })
    }
  }

  private wait({ args, asBytes, id, name }: PortRequest & { kind: 'call' }): void {
    const answer = (last: PortAnswer) => this.port.postMessage([last])
    this.waiting.send(name, args, asBytes).then(
      (value) => answer({ kind: 'value', id, value: pack(value) }),
      (error) => answer({ kind: 'error', id, text: textOf(error) }),
    )
  }
}

function textOf(error: unknown): string {
  return error instanceof StoreError ? error.message : `ERR ${(error as Error).message}`
}
