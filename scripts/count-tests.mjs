/**
 * Sums up Vitest's JSON reports for .ci/run: a line for each, and last `N passed, N failed`.
 *
 *   node scripts/count-tests.mjs <report.json> …
 *
 * A file that fails before its first test (it does not load, say) counts as one failure, and so
 * does a report that is missing or holds no test: silence is not success. Exits with status 1
 * unless all passed.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

let passed = 0
let failed = 0
for (const path of process.argv.slice(2)) {
  const name = basename(path, '.json')
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    process.stdout.write(`${name}: no report\n`)
    failed += 1
    continue
  }
  const filesNotRun = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed'),
  )
  let failures = report.numFailedTests + filesNotRun.length
  if (failures === 0 && (!report.success || report.numTotalTests === 0)) failures = 1
  const skipped = report.numPendingTests + report.numTodoTests
  process.stdout.write(
    `${name}: ${report.numPassedTests} passed, ${failures} failed, ${skipped} skipped\n`,
  )
  passed += report.numPassedTests
  failed += failures
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
