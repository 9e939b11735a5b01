/**
 * A load thread in a worker, and the main thread's end of it.
 *
 * A worker's program is the very file that this module has become part of, so that nothing has to
 * know how the bundler names its files: there, the last lines find the description of the load.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Batch } from './batches.ts'
import { LoadThread, type ThreadEvents, type ThreadSpec } from './load-thread.ts'

/** What the worker's data hold besides the description, to tell it from other workers. */
const ROLE = 'redstart benchmark load'

type Message = { kind: 'ready' } | { kind: 'done' } | { kind: 'error'; text: string }

/** The same as a LoadThread, in a thread of its own. */
export class LoadWorker {
  private readonly worker: Worker
  private isClosed = false

  constructor(spec: ThreadSpec, events: ThreadEvents) {
    this.worker = new Worker(new URL(import.meta.url), { workerData: { role: ROLE, spec } })
    this.worker.on('message', (message: Message) => {
      if (message.kind === 'ready') events.onReady()
      else if (message.kind === 'done') events.onDone()
      else if (message.kind === 'error') events.onError(message.text)
    })
    this.worker.on('error', (error) => {
      if (!this.isClosed) events.onError(`Error: ${error.message}`)
    })
  }

  start(): void {
    this.worker.postMessage('start')
  }

  close(): void {
    this.isClosed = true
    void this.worker.terminate()
  }
}

function runWorker(spec: ThreadSpec): void {
  const port = parentPort!
  const post = (message: Message): void => port.postMessage(message)
  const thread = new LoadThread(
    { ...spec, batches: spec.batches.map(restoreBatch) },
    {
      onReady: () => post({ kind: 'ready' }),
      onDone: () => post({ kind: 'done' }),
      onError: (text) => post({ kind: 'error', text }),
    },
  )
  port.on('message', () => thread.start())
}

/** What was a Buffer arrives as a plain array of bytes. */
function restoreBatch(batch: Batch): Batch {
  const { buffer, byteOffset, byteLength } = batch.bytes
  return { ...batch, bytes: Buffer.from(buffer, byteOffset, byteLength) }
}

const data = workerData as { role?: string; spec: ThreadSpec } | null
if (!isMainThread && data?.role === ROLE) runWorker(data.spec)
