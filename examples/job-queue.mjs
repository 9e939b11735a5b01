/**
 * A job queue that survives its process. A worker waits for a job and moves it to a list of its
 * own with the same command; when the job is done it is removed there. What a worker that ended in
 * between has left is put back first.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'redstart'

const dir = mkdtempSync(join(tmpdir(), 'jobs-'))
const store = await open({ dir })

// An earlier worker took a job and never ended it.
store.lpush('jobs:doing', 'write a report')
while (store.lmove('jobs:doing', 'jobs', 'LEFT', 'RIGHT') !== null) {
  // One by one, the oldest first.
}

async function work(name) {
  for (;;) {
    const job = await store.wait.blmove('jobs', 'jobs:doing', 'LEFT', 'RIGHT', 0)
    if (job === 'stop') return
    await new Promise((resolve) => setTimeout(resolve, 5))
    store.multi().lrem('jobs:doing', 1, job).incr('jobs:done').exec()
    console.log(name, 'has done:', job)
  }
}

const worker = work('worker')
store.rpush('jobs', 'send a letter', 'make coffee', 'stop')
await worker
console.log(store.get('jobs:done'), 'jobs done')
await store.close()
rmSync(dir, { recursive: true })
