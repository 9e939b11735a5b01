/** Every code block of the README and of docs/ is run, or is named here with the reason. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startRedstart } from '../../differential/support/redstart.ts'
import {
  announcedOutput,
  type CodeBlock,
  codeBlocks,
  hasShell,
  ROOT,
  runProgram,
  runShell,
  runShellTranscript,
  runTranscript,
  shellTranscriptOf,
  transcriptOf,
} from '../../support/code-blocks.ts'

const TIMEOUT_MS = 120_000

/** Files whose blocks are not run. */
const LEFT_OUT = new Map([
  ['docs/architecture.md', 'pictures, and a command of the source'],
  ['docs/tcl-suite.md', "runs another project's tests"],
])

const files = ['README.md', ...documents('docs')]

function documents(folder: string): string[] {
  return fs
    .readdirSync(path.join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .filter((file) => !LEFT_OUT.has(file))
}

async function sandbox(): Promise<{ port: number; directory: string }> {
  const server = await startRedstart({ flags: ['--appendonly', 'yes'] })
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-docs-'))
  onTestFinished(async () => {
    await server.close()
    fs.rmSync(directory, { recursive: true, force: true })
  })
  return { port: server.port, directory }
}

/** Makes a directory as a server leaves it, with a log and a dump, for commands that read it. */
const SERVED = `redstart
redstart --dir redstart-data --appendonly yes --save '3600 1'
`

async function runBlock(block: CodeBlock): Promise<void> {
  const transcript = transcriptOf(block)
  if (transcript !== null) {
    const { port, directory } = await sandbox()
    const { output } = await runTranscript(transcript, port, directory)
    expect(output).toBe(transcript.output)
    return
  }
  switch (block.language) {
    case 'js': {
      const { port, directory } = await sandbox()
      const { output, status } = await runProgram(block, port, directory)
      expect(status, output).toBe(0)
      const announced = announcedOutput(block)
      if (announced !== null) expect(output).toBe(announced.map((line) => `${line}\n`).join(''))
      return
    }
    case 'sh': {
      if (!hasShell) return
      const { port, directory } = await sandbox()
      const prepared = { ...block, text: SERVED + block.text }
      const { output, status } = await runShell(prepared, port, directory)
      expect(status, output).toBe(0)
      return
    }
    case 'console': {
      if (!hasShell) return
      const { port, directory } = await sandbox()
      const transcript = shellTranscriptOf(block)
      const { output } = await runShellTranscript(transcript, port, directory)
      expect(output).toBe(transcript.output)
      return
    }
    case 'text':
      // A picture, or what is in a file.
      return
    default:
      expect.fail(`a block of no known kind: ${block.language || 'say text for a picture'}`)
  }
}

describe.each(files)('%s', (file) => {
  for (const block of codeBlocks(file)) {
    test(block.place, { timeout: TIMEOUT_MS }, () => runBlock(block))
  }
  test('is there', () => expect(codeBlocks(file)).toBeDefined())
})
