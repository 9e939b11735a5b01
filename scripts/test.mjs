/**
 * `npm test` and its kin: prepares the checkout, then runs Vitest. The first argument says which
 * tests; all further ones go on to Vitest (`npm test -- test/unit/arena`).
 *
 *   unit          everything that needs nothing but Node
 *   differential  against a real `redis-server`, which must be on the path
 *   package       the examples, and the package as it is published, installed elsewhere
 *   fuzz          the protocol fuzz at length: FUZZ_INPUTS inputs, a million unless it says otherwise
 *   crash         kill -9, full disks and power cuts: CRASH_KILLS of each, 200 unless told, and
 *                 CRASH_STATES of a simulated disk, 20,000 unless told; few where CRASH is short
 *   random        random commands, and random clients, against a real `redis-server`, each for
 *                 RANDOM_SECONDS, 60 unless told
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './build.mjs'
import { prepare } from './prepare.mjs'

const suites = {
  unit: ['--project', 'unit'],
  differential: ['--project', 'differential'],
  crash: ['--project', 'crash'],
  package: ['--project', 'package'],
  fuzz: ['--project', 'unit', 'fuzz', '--testTimeout', '3600000'],
  random: ['--project', 'differential', 'random'],
}

const [suite, ...rest] = process.argv.slice(2)
if (!Object.hasOwn(suites, suite)) {
  process.stderr.write(`usage: node scripts/test.mjs ${Object.keys(suites).join('|')} [vitest …]\n`)
  process.exit(1)
}
if (suite === 'fuzz') process.env.FUZZ_INPUTS ??= '1000000'
if (suite === 'crash' && process.env.CRASH !== 'short') {
  process.env.CRASH_KILLS ??= '200'
  process.env.CRASH_STATES ??= '20000'
}
if (suite === 'random') process.env.RANDOM_SECONDS ??= '60'

prepare()
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const result = spawnSync(process.execPath, [vitest, 'run', ...suites[suite], ...rest], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(result.status ?? 1)
