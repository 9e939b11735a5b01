/**
 * A rate limiter: so many requests of one client within the last so many seconds. Each request is
 * a member of a sorted set, its score the time; what is older is dropped before counting.
 */
import { manualClock, open } from 'redstart'

const LIMIT = 3
const WINDOW_MS = 1000

// The clock is held here so that the example need not wait; leave it out to go by real time.
const clock = manualClock(0)
const store = await open({ clock })
let requests = 0

function isAllowed(client) {
  const key = `requests:${client}`
  return store.transaction(() => {
    store.zremrangebyscore(key, '-inf', clock.nowMs - WINDOW_MS)
    if (store.zcard(key) >= LIMIT) return false
    store.zadd(key, clock.nowMs, `request ${++requests}`)
    store.pexpire(key, WINDOW_MS)
    return true
  })
}

for (const waitMs of [0, 100, 100, 100, 500, 300]) {
  clock.advance(waitMs)
  console.log(`${clock.nowMs} ms:`, isAllowed('client') ? 'allowed' : 'too many requests')
}
await store.close()
