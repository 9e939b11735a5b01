/**
 * The package as it would be published: packed, installed into an empty project without a network
 * and without scripts, and used there.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const isWindows = process.platform === 'win32'
const execute = promisify(execFile)
const MAX_BYTES = 2 * 1024 * 1024

let project = ''
let tarball = ''

function npm(args: readonly string[], cwd: string) {
  const options = { cwd, shell: isWindows, timeout: 100_000 }
  return execute(isWindows ? 'npm.cmd' : 'npm', [...args, '--ignore-scripts'], options)
}

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'redstart-package-'))
  await npm(['pack', '--pack-destination', project], ROOT)
  tarball = join(project, readdirSync(project).find((name) => name.endsWith('.tgz'))!)
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  await npm(['install', '--offline', '--no-audit', '--no-fund', tarball], project)
})

afterAll(() => {
  rmSync(project, { recursive: true, force: true })
})

test('the package is small, and brings nothing else along', () => {
  expect(statSync(tarball).size).toBeLessThan(MAX_BYTES)
  const installed = readdirSync(join(project, 'node_modules'))
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['redstart'])
})

test('it can be imported and used', async () => {
  const program = `
    import { open } from 'redstart'
    const store = await open({ dir: 'data' })
    store.set('key', 'value', { EX: 1000 })
    await store.close()
    const again = await open({ dir: 'data' })
    console.log(again.get('key'), again.ttl('key') > 900)
    await again.close()`
  writeFileSync(join(project, 'program.js'), program)
  const { stdout } = await execute(process.execPath, ['program.js'], { cwd: project })
  expect(stdout).toBe('value true\n')
})

test('a program ends by itself with a store open, and has lost nothing', async () => {
  const program = `
    import { open } from 'redstart'
    const store = await open({ dir: 'kept' })
    if (process.argv[2] === 'exit') { store.set('exit', 1); process.exit() }
    console.log(store.get('exit'), store.incr('runs'))`
  writeFileSync(join(project, 'ends.js'), program)
  const run = (...args: string[]) =>
    execute(process.execPath, ['ends.js', ...args], { cwd: project, timeout: 20_000 })
  await run('exit')
  expect((await run()).stdout).toBe('1 1\n')
  expect((await run()).stdout).toBe('1 2\n')
})

test('of a transaction in which the process ends the log has nothing', async () => {
  const program = `
    import { open } from 'redstart'
    const store = await open({ dir: 'unit' })
    if (process.argv[2] === 'exit') {
      store.set('before', 1)
      store.transaction(() => {
        store.set('a', 1)
        process.exit()
      })
    }
    console.log(store.mget('before', 'a'))
    await store.close()`
  writeFileSync(join(project, 'unit.js'), program)
  await execute(process.execPath, ['unit.js', 'exit'], { cwd: project })
  const { stdout } = await execute(process.execPath, ['unit.js'], { cwd: project })
  expect(stdout).toBe("[ '1', null ]\n")
})

test('a directory is free again when its process has been killed', async () => {
  const program = `
    import { open } from 'redstart'
    const store = await open({ dir: 'killed', appendfsync: 'always' })
    store.incr('runs')
    console.log('open')
    setInterval(() => {}, 1000)`
  writeFileSync(join(project, 'killed.js'), program)
  const again = `
    import { open, DirectoryInUse } from 'redstart'
    const opened = open({ dir: 'killed' }).then((store) => store.get('runs'))
    console.log(await opened.catch((error) => error instanceof DirectoryInUse && error.pid))`
  writeFileSync(join(project, 'again.js'), again)
  const owner = spawn(process.execPath, ['killed.js'], { cwd: project })
  await once(owner.stdout, 'data')
  const run = async () => (await execute(process.execPath, ['again.js'], { cwd: project })).stdout
  expect(await run()).toBe(`${owner.pid}\n`)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  expect(await run()).toBe('1\n')
})

test('a program goes on while a connection waits, and ends when it does not', async () => {
  const program = `
    import { open } from 'redstart'
    const connection = (await open()).connect()
    connection.on('data', (data) => console.log(JSON.stringify(String(data))))
    connection.write('BLPOP none 0.1\\r\\n')`
  writeFileSync(join(project, 'waits.js'), program)
  const options = { cwd: project, timeout: 20_000 }
  const { stdout } = await execute(process.execPath, ['waits.js'], options)
  expect(stdout).toBe('"*-1\\r\\n"\n')
})

test('a CommonJS program can require it', async () => {
  const program = `
    const { open } = require('redstart')
    open().then((store) => console.log(store.set('key', 1), store.get('key')))`
  writeFileSync(join(project, 'program.cjs'), program)
  const { stderr, stdout } = await execute(process.execPath, ['program.cjs'], { cwd: project })
  expect([stdout, stderr]).toEqual(['OK 1\n', ''])
})

test('a bundler makes one file of a program with it', async () => {
  const program = `
    import { manualClock, open } from 'redstart'
    const store = await open({ clock: manualClock() })
    console.log(store.hset('h', { field: 1 }), await store.wait.hgetall('h'))`
  writeFileSync(join(project, 'bundled.js'), program)
  const rolldown = join(ROOT, 'node_modules', 'rolldown', 'bin', 'cli.mjs')
  const options = ['--format', 'esm', '--platform', 'node', '--file', 'out/bundle.mjs']
  await execute(process.execPath, [rolldown, 'bundled.js', ...options], { cwd: project })
  const { stdout } = await execute(process.execPath, [join(project, 'out', 'bundle.mjs')])
  expect(stdout).toBe("1 [Object: null prototype] { field: '1' }\n")
})

test('its types are found', async () => {
  writeFileSync(
    join(project, 'typed.ts'),
    `import { open, type Store } from 'redstart'
     const store: Store = await open()
     const value: string | null = store.get('key')
     const scores: [string, number][] = store.zrange('z', 0, -1, { WITHSCORES: true })
     // @ts-expect-error it may be null
     const text: string = store.get('key')
     export { scores, text, value }`,
  )
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext']
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')]
  await execute(process.execPath, [tsc, ...options, ...types, 'typed.ts'], { cwd: project })
  writeFileSync(join(project, 'typed.cts'), "import { open } from 'redstart'\nexport { open }\n")
  await execute(process.execPath, [tsc, ...options, ...types, 'typed.cts'], { cwd: project })
})
