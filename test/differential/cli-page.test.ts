/**
 * docs/cli.md: what its examples say is what happens. Each `console` block runs in a shell, in its
 * own directory and on its own server; lines that begin with `$ ` are commands.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { cleanEnvironment } from './support/command-line.ts'
import { redstartCommand, startRedstart } from './support/redstart.ts'
import type { RunningServer } from './support/server-process.ts'

const page = fs.readFileSync('docs/cli.md', 'utf8')
const blocks = [...page.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block]) => block)

describe.skipIf(process.platform === 'win32')('the examples of the page on the client', () => {
  let server: RunningServer | undefined
  let directory: string
  afterEach(async () => {
    await server?.close()
    fs.rmSync(directory, { recursive: true, force: true })
  })

  test.each(blocks.map((block) => [block.split('\n', 1)[0], block]))('%s …', async (_, block) => {
    directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-page-')))
    server = await startRedstart()
    const commands = block.split('\n').filter((line) => line.startsWith('$ '))
    const expected = block.split('\n').filter((line) => line !== '' && !line.startsWith('$ '))
    const at = ` -p ${server.port} `
    const script = commands.map((line) => line.slice(2).replaceAll('redstart cli ', `cli${at}`))
    const bare = script.map((line) => line.replace(/redstart cli$/, `cli${at}`))
    const [program, ...first] = redstartCommand()
    const define = `cli() { '${program}' '${first.join("' '")}' cli "$@"; }\n`
    const shown = await shell(define + bare.join('\n'))
    const output = shown
      .replaceAll(String(server.port), '6379')
      .replaceAll(`${directory}/`, './')
      .split('\n')
    expect(output.filter((line) => line !== '')).toEqual(expected)
  })

  function shell(script: string): Promise<string> {
    const child = spawn('sh', ['-c', script], { cwd: directory, env: cleanEnvironment() })
    let output = ''
    const onText = (text: string) => (output += text)
    child.stdout.setEncoding('utf8').on('data', onText)
    child.stderr.setEncoding('utf8').on('data', onText)
    return new Promise((resolve) => child.on('close', () => resolve(output)))
  }
})
