/** The code blocks of docs/embedding.md, run as they are; what a comment says is printed, is. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const page = readFileSync(join(ROOT, 'docs', 'embedding.md'), 'utf8')
const blocks = Array.from(page.matchAll(/^```js\n([\s\S]*?)^```$/gm), (match) => match[1]!)

let folder = ''

beforeAll(() => {
  // Within the package, so that its name is found.
  folder = mkdtempSync(join(ROOT, 'dist', 'docs-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('there are blocks', () => {
  expect(blocks.length).toBeGreaterThan(8)
})

test.each(blocks.map((block, i) => [i + 1, block] as const))('block %i', async (i, block) => {
  const path = join(folder, `block-${i}.mjs`)
  writeFileSync(path, block)
  const { stderr, stdout } = await run(process.execPath, [path], { cwd: folder, timeout: 50_000 })
  expect(stderr).toBe('')
  const said = Array.from(block.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm), (match) => match[1])
  if (said.length > 0) expect(stdout.trimEnd().split('\n')).toEqual(said)
})
