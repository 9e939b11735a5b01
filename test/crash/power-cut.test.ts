/**
 * The power goes, for real: an ext4 on a loop device is shut down under load, so that what was
 * not synced is lost and the journal replays at the next mount. The promises are those of
 * kill.test.ts, and here they depend on what was synced, not on what was written.
 *
 * Unlike a machine without power, the processes live on for a moment, and a sync that is under way
 * just then may be told that it was done: a program of a write and an fdatasync in a loop sees the
 * same. So nothing counts that was answered after the cut had begun.
 *
 * CRASH_KILLS says how often (a fifth of it for each policy), CRASH_SEED from which seed.
 */
import { afterEach, describe, test } from 'vitest'
import { Random } from '../../src/platform/random.ts'
import { CrashServer } from './support/crash-server.ts'
import { CLIENTS, check, load, makeWriters } from './support/load.ts'
import { Ext4, ext4Refusal } from './support/mounts.ts'

const CUTS = Math.ceil(Number(process.env.CRASH_KILLS ?? 10) / 5)
const SEED = Number(process.env.CRASH_SEED ?? 1)
/** After so many cuts a new file system is begun, which holds 64 MB. */
const CUTS_PER_DISK = 4

if (ext4Refusal !== '') process.stderr.write(`no power cuts on an ext4: ${ext4Refusal}\n`)

let disk: Ext4 | undefined
let server: CrashServer | undefined

afterEach(async () => {
  await server?.kill()
  server = undefined
  disk?.close()
  disk = undefined
})

function begin(): Ext4 {
  disk?.close()
  disk = new Ext4()
  disk.mount()
  return disk
}

// Mounting needs root and loop devices, which few machines give to a test.
describe.skipIf(ext4Refusal !== '').each(['always', 'everysec', 'no'] as const)(
  'appendfsync %s',
  (policy) => {
    test(
      `keeps what it promised, the power cut ${CUTS} times from seed ${SEED}`,
      async () => {
        const random = new Random(SEED)
        let done: number[] = []
        for (let cut = 0; cut < CUTS; cut++) {
          if (cut % CUTS_PER_DISK === 0) {
            await server?.kill()
            begin()
            done = new Array(CLIENTS).fill(0)
            server = await CrashServer.start(disk!.directory, policy)
          }
          const [running, ext4] = [server!, disk!]
          const ms = policy === 'everysec' ? 2200 + random.below(1000) : 100 + random.below(600)
          const rewriteAtMs = random.below(2) === 0 ? ms : random.below(ms)
          const writers = makeWriters(done, () => 1 + random.below(4))
          const cutMs = await load(running, writers, ms, rewriteAtMs, async () => {
            ext4.cutPower()
            await running.kill()
          })
          ext4.unmount()
          ext4.mount()
          server = await CrashServer.start(ext4.directory, policy)
          done = await check(server, policy, writers, cutMs, cutMs)
        }
      },
      30_000 + CUTS * 15_000,
    )
  },
)
