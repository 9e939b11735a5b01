/**
 * A thread of the comparison: it opens its session, says so, and measures each operation that it
 * is told to. As with load-worker.ts, its program is the file that this module is part of.
 */
import {
  isMainThread,
  type MessagePort,
  parentPort,
  type Transferable,
  Worker,
  workerData,
} from 'node:worker_threads'
import type { OperationName, Session, Work } from './contender.ts'
import { type Measured, measure } from './measurement.ts'
import { type FoundPeer, openPeer } from './peers.ts'
import { portSession } from './redstart-session.ts'

const ROLE = 'redstart benchmark embedded'

interface WorkerSpec {
  readonly role: typeof ROLE
  readonly work: Work
  /** Redstart's store in the main thread, or else the peer. */
  readonly port: MessagePort | null
  readonly peer: FoundPeer | null
}

export interface Order {
  readonly operation: OperationName
  readonly durationMs: number
}

/** The main thread's end. */
export class EmbeddedWorker {
  readonly ready: Promise<void>
  private readonly worker: Worker
  private answer: ((measured: Measured | null) => void) | null = null
  private fail: (error: Error) => void = () => {}

  constructor(work: Work, port: MessagePort | null, peer: FoundPeer | null) {
    const spec: WorkerSpec = { role: ROLE, work, port, peer }
    const transferList: Transferable[] = port === null ? [] : [port]
    this.worker = new Worker(new URL(import.meta.url), { workerData: spec, transferList })
    this.ready = new Promise((resolve, reject) => {
      this.answer = () => resolve()
      this.fail = reject
    })
    this.worker.on('message', (measured: Measured | null) => this.answer?.(measured))
    this.worker.on('error', (error) => this.fail(error))
  }

  /** @returns null if the session has no such operation */
  measure(order: Order): Promise<Measured | null> {
    return new Promise((resolve, reject) => {
      this.answer = resolve
      this.fail = reject
      this.worker.postMessage(order)
    })
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.worker.once('exit', resolve))
    this.worker.postMessage(null)
    await gone
  }
}

async function runWorker({ work, port, peer }: WorkerSpec): Promise<void> {
  const parent = parentPort!
  const session: Session = port === null ? await openPeer(peer!, work) : portSession(port, work)
  parent.on('message', async (order: Order | null) => {
    if (order === null) {
      await session.close()
      parent.close()
      return
    }
    const operation = session.operations[order.operation]
    const measured =
      operation === undefined ? null : await measure(session, operation, order.durationMs)
    parent.postMessage(measured)
  })
  parent.postMessage(null)
}

const spec = workerData as WorkerSpec | null
if (!isMainThread && spec?.role === ROLE) void runWorker(spec)
