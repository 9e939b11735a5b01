/** The programs in examples/, run as they are against the build. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('../../examples', import.meta.url))
const run = promisify(execFile)

/** What each prints. */
const OUTPUT: Record<string, string[]> = {
  'cache.mjs': ['miss the page /news', 'hit the page /news'],
  'ioredis.mjs': ['value value'],
  'job-queue.mjs': [
    'worker has done: write a report',
    'worker has done: send a letter',
    'worker has done: make coffee',
    '3 jobs done',
  ],
  'leaderboard.mjs': ['1. dora: 210', '2. carla: 200', '3. bert: 190', 'ada is number 4'],
  'rate-limiter.mjs': [
    '0 ms: allowed',
    '100 ms: allowed',
    '200 ms: allowed',
    '300 ms: too many requests',
    '800 ms: too many requests',
    '1100 ms: allowed',
  ],
  'session-store.mjs': ['visit 1', 'visit 2', '1 session true'],
  'worker-threads.mjs': ['100000'],
}

test('every example has its output here', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(OUTPUT).sort())
})

test.each(Object.keys(OUTPUT))('%s runs and ends by itself', async (name) => {
  const { stderr, stdout } = await run(process.execPath, [join(FOLDER, name)], { timeout: 50_000 })
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toEqual(OUTPUT[name])
})
