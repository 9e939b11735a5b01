/** A leaderboard: points in a sorted set, which knows everybody's place at any time. */
import { open } from 'redstart'

const store = await open()

store.zadd('board', { ada: 120, bert: 90, carla: 200, dora: 150 })
store.zincrby('board', 100, 'bert')
// Only a better result counts.
store.zadd('board', { ada: 80, dora: 210 }, { GT: true })

const best = store.zrange('board', 0, 2, { REV: true, WITHSCORES: true })
for (const [i, [name, points]] of best.entries()) console.log(`${i + 1}. ${name}: ${points}`)
console.log('ada is number', (store.zrevrank('board', 'ada') ?? 0) + 1)
await store.close()
