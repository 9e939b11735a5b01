/** Opening and closing a store: its directory, its lock, what is there the next time. */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { open } from '../../../src/embedded/open.ts'
import { StoreError } from '../../../src/embedded/store-error.ts'
import { DirectoryInUse, lockDirectory, lockName } from '../../../src/platform/directory-lock.ts'

let dir = ''

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-embedded-'))
})

afterEach(() => {
  fs.rmSync(dir, { recursive: true, force: true })
})

describe('users', () => {
  test('of an ACL file are there for those who connect; the process itself may do everything', async () => {
    const aclfile = path.join(dir, 'users.acl')
    fs.writeFileSync(aclfile, 'user default on nopass ~a +get\n')
    const store = await open({ aclfile })
    expect(store.call('ACL', 'LIST')).toEqual([
      'user default on nopass sanitize-payload ~a resetchannels -@all +get',
    ])
    expect(store.set('b', 'c')).toBe('OK')
    expect(store.call('ACL', 'DRYRUN', 'default', 'GET', 'b')).toContain("access the 'b' key")
    await store.close()
  })

  test('that cannot be made keep the store from being opened', async () => {
    const aclfile = path.join(dir, 'users.acl')
    fs.writeFileSync(aclfile, 'user alice on nonsense\n')
    await expect(open({ aclfile })).rejects.toThrow('users.acl:1: Syntax error')
  })
})

describe('a store in memory', () => {
  test('keeps what it is given and touches no file', async () => {
    // Nobody else makes files in this one meanwhile.
    const home = process.cwd()
    process.chdir(dir)
    try {
      const store = await open()
      expect(store.set('key', 'value')).toBe('OK')
      expect(store.get('key')).toBe('value')
      expect(store.get('none')).toBeNull()
      await store.close()
    } finally {
      process.chdir(home)
    }
    expect(fs.readdirSync(dir)).toEqual([])
  })

  test('takes directives, and refuses what is none', async () => {
    const store = await open({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' })
    expect(store.call('CONFIG', 'GET', 'maxmemory*')).toMatchObject({
      maxmemory: '104857600',
      'maxmemory-policy': 'allkeys-lru',
    })
    await store.close()
    await expect(open({ 'maxmemory-policy': 'some' })).rejects.toThrow('maxmemory-policy')
    await expect(open({ appendonly: true })).rejects.toThrow('a log needs a directory')
  })

  test('does nothing any more once it is closed', async () => {
    const store = await open()
    await store.close()
    expect(() => store.get('key')).toThrow(StoreError)
    await store.close()
  })
})

describe('a store in a directory', () => {
  test('has its data the next time', async () => {
    const store = await open({ dir })
    store.set('key', 'value')
    store.call('RPUSH', 'list', 1, 2, 3)
    await store.close()
    const again = await open({ dir })
    expect(again.get('key')).toBe('value')
    expect(again.call('LRANGE', 'list', 0, -1)).toEqual(['1', '2', '3'])
    await again.close()
  })

  test('makes the directory', async () => {
    const inner = path.join(dir, 'some', 'where')
    const store = await open({ dir: inner })
    store.set('key', 'value')
    await store.close()
    expect(fs.existsSync(path.join(inner, 'appendonlydir'))).toBe(true)
  })

  test('is opened once at a time', async () => {
    const store = await open({ dir })
    const refused = open({ dir: `${dir}/.` })
    await expect(refused).rejects.toThrow(DirectoryInUse)
    await expect(refused).rejects.toThrow('in use by this process')
    await store.close()
    await (await open({ dir })).close()
    expect(fs.readdirSync(dir)).toEqual(['appendonlydir'])
  })

  test('may share it with a log of another name', async () => {
    const store = await open({ dir })
    const other = await lockDirectory(path.join(dir, 'appendonlydir'), 'other.aof')
    await expect(lockDirectory(path.join(dir, 'appendonlydir'), 'other.aof')).rejects.toThrow(
      DirectoryInUse,
    )
    other.release()
    await store.close()
    expect(fs.readdirSync(dir)).toEqual(['appendonlydir'])
  })

  test('says so when it is closed and the disk has refused what came last', async () => {
    const store = await open({ dir })
    store.set('kept', 1)
    await new Promise((resolve) => setImmediate(resolve))
    const problems: string[] = []
    store.onError((problem) => problems.push(problem.message))
    const write = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC', errno: -28 })
    })
    store.set('lost', 1)
    await expect(store.close()).rejects.toThrow('The log lacks what came last: No space left')
    write.mockRestore()
    expect(problems[0]).toContain('Error writing to the AOF file: No space left')
    expect(() => store.get('kept')).toThrow('CLOSED')
    const again = await open({ dir })
    expect(again.mget('kept', 'lost')).toEqual(['1', null])
    await again.close()
  })

  test('with appendfsync always has on the disk what a call has returned from', async () => {
    const store = await open({ dir, appendfsync: 'always' })
    store.set('key', 'value')
    const folder = path.join(dir, 'appendonlydir')
    const log = fs.readdirSync(folder).find((name) => name.includes('.incr.'))!
    expect(fs.readFileSync(path.join(folder, log), 'latin1')).toContain('value')
    await store.close()
  })

  test.runIf(process.platform === 'linux')('is free again when its process is killed', async () => {
    // A process that does nothing but hold the lock.
    fs.mkdirSync(path.join(dir, 'appendonlydir'))
    const name = lockName(path.join(dir, 'appendonlydir'), 'appendonly.aof')
    const code = `
      require('net').createServer().listen({ path: ${JSON.stringify(name)} }, () => {
        const file = '${dir}/appendonlydir.appendonly.aof.lock'
        require('fs').writeFileSync(file, process.pid + '\\n')
        console.log('held')
      })`
    const holder = spawn(process.execPath, ['-e', code])
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    await expect(open({ dir })).rejects.toThrow(`in use by process ${holder.pid}`)
    const ended = new Promise((resolve) => holder.once('exit', resolve))
    holder.kill('SIGKILL')
    await ended
    const store = await open({ dir })
    await store.close()
  })
})
