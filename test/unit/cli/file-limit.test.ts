/** `maxclients` under the system's limit of open files. */
import { expect, test } from 'vitest'
import { followFileLimit, openFilesLimit } from '../../../src/cli/file-limit.ts'
import { testServer } from '../../support/in-process-client.ts'

function under(limit: number | null, maxclients: string) {
  const log: string[] = []
  const server = testServer({ config: { maxclients }, print: (line) => log.push(line) })
  const failure = followFileLimit(server, limit)
  return { server, failure, log: log.map((line) => line.replace(/^.* # /, '').trimEnd()) }
}

test('the system says what its limit is', () => {
  const limit = openFilesLimit()
  if (process.platform === 'win32') expect(limit).toBeNull()
  else expect(limit).toBeGreaterThan(32)
})

test('a limit that is enough changes nothing, and bounds CONFIG SET', () => {
  const { server, failure, log } = under(1032, '1000')
  expect([failure, log, server.config.get('maxclients')]).toEqual([null, [], 1000])
  expect(server.config.setMany([['maxclients', '1001']])).toBe(
    "ERR CONFIG SET failed (possibly related to argument 'maxclients') - " +
      'The operating system is not able to handle the specified number of clients, try with 1000',
  )
  expect(server.config.get('maxclients')).toBe(1000)
  expect(server.config.setMany([['maxclients', '10']])).toBeNull()
})

test('a limit that is too low lowers maxclients, and the log says so', () => {
  const { server, failure, log } = under(1024, '10000')
  expect([failure, server.config.get('maxclients')]).toEqual([null, 992])
  expect(log).toEqual([
    'You requested maxclients of 10000 requiring at least 10032 max file descriptors.',
    "Server can't set maximum open files to 10032: the hard limit is 1024.",
    'Current maximum open files is 1024. maxclients has been reduced to 992 to compensate for ' +
      "low ulimit. If you need higher maxclients increase 'ulimit -n'.",
  ])
})

test('a limit that leaves nothing for clients ends the start', () => {
  expect(under(32, '10000').failure).toBe(
    "Your current 'ulimit -n' of 32 is not enough for the server to start. " +
      'Please increase your open file limit to at least 10032. Exiting.',
  )
})

test('no limit is no limit', () => {
  const { server, failure } = under(null, '1000000')
  expect([failure, server.config.get('maxclients')]).toEqual([null, 1_000_000])
})
