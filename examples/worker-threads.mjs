/**
 * One store for several threads: each has a port to it, and the same methods as promises. All
 * commands run in the thread of the store, so nothing is lost between a read and a write.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { attach, open } from 'redstart'

const THREADS = 4
const INCREMENTS = 25_000
/** What one thread has under way at a time. */
const BATCH = 500

if (isMainThread) {
  const store = await open()
  const ends = Array.from({ length: THREADS }, () => {
    const port = store.share()
    const worker = new Worker(new URL(import.meta.url), {
      workerData: port,
      transferList: [port],
    })
    return new Promise((resolve) => worker.once('exit', resolve))
  })
  await Promise.all(ends)
  console.log(store.get('counter'))
  await store.close()
} else {
  const store = attach(workerData)
  for (let i = 0; i < INCREMENTS; i += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, () => store.incr('counter')))
  }
}
