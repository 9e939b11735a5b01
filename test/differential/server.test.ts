/** The server commands apart from COMMAND and DEBUG, against the real server. */
import { test } from 'vitest'
import { differential } from './support/compare.ts'

const digits = (reply: string): string => reply.replace(/\d+/g, 'N')

differential('server', ({ compare }) => {
  test('DBSIZE', () =>
    compare(['DBSIZE', 'MSET a 1 b 2 c 3', 'DBSIZE', 'SELECT 1', 'DBSIZE', 'DBSIZE x']))

  test('FLUSHALL', () =>
    compare([
      'SET a 1',
      'SELECT 1',
      'SET b 2',
      'FLUSHALL',
      'DBSIZE',
      'SELECT 0',
      'DBSIZE',
      'SET a 1',
      'FLUSHALL ASYNC',
      'DBSIZE',
      'SET a 1',
      'FLUSHALL sync',
      'DBSIZE',
      'SET a 1',
      'FLUSHALL now',
      'FLUSHALL SYNC ASYNC',
      'FLUSHALL SYNC SYNC',
      'DBSIZE',
    ]))

  test('FLUSHDB', () =>
    compare([
      'SET a 1',
      'SELECT 1',
      'SET b 2',
      'FLUSHDB',
      'DBSIZE',
      'SELECT 0',
      'DBSIZE',
      'FLUSHDB async',
      'DBSIZE',
      'SET a 1',
      'GET a',
      'FLUSHDB SYNC',
      'GET a',
      'FLUSHDB now',
      'FLUSHDB SYNC x',
    ]))

  test('SWAPDB', () =>
    compare([
      'SET a zero',
      'SWAPDB 0 1',
      'GET a',
      'SELECT 1',
      'GET a',
      { client: 1, command: 'SET b there' },
      'SWAPDB 1 0',
      'GET b',
      'SWAPDB 0 0',
      'SWAPDB 0 16',
      'SWAPDB -1 0',
      'SWAPDB x y',
      'SWAPDB 0 y',
      'SWAPDB 99 y',
      'SWAPDB 2147483648 0',
      'SWAPDB 0 9223372036854775808',
      'SWAPDB 0',
      'SWAPDB 0 1 2',
    ]))

  test('TIME', () =>
    compare([
      { command: 'TIME', mask: (reply) => reply.replace(/\$\d+\r\n\d+/g, 'N') },
      'TIME now',
    ]))

  test('SHUTDOWN, as far as the server outlives it', () =>
    compare([
      'SHUTDOWN ABORT',
      'SHUTDOWN ABORT NOW',
      'SHUTDOWN SAVE NOSAVE',
      'SHUTDOWN NOSAVE ABORT',
      'SHUTDOWN maybe',
      'SHUTDOWN NOSAVE maybe',
    ]))

  test('LOLWUT ends in the version', () =>
    compare([
      'LOLWUT VERSION x',
      'LOLWUT VERSION 5 x',
      'LOLWUT VERSION 6 x',
      { command: 'LOLWUT VERSION 5 10 2 2', mask: (reply) => reply.slice(0, 1) },
    ]))

  test('MEMORY USAGE', () =>
    compare([
      'SET a 1',
      { command: 'MEMORY USAGE a', mask: digits },
      { command: 'MEMORY USAGE a SAMPLES 5', mask: digits },
      { command: 'MEMORY USAGE a SAMPLES 0', mask: digits },
      { command: 'MEMORY USAGE a samples 1 SAMPLES 2', mask: digits },
      'MEMORY USAGE none',
      { command: 'MEMORY USAGE a SAMPLES 9223372036854775807', mask: digits },
      'MEMORY USAGE a SAMPLES 9223372036854775808',
      'MEMORY USAGE a SAMPLES -9223372036854775808',
      'MEMORY USAGE a SAMPLES -1',
      'MEMORY USAGE a SAMPLES x',
      'MEMORY USAGE a SAMPLES',
      'MEMORY USAGE a MANY 1',
      'MEMORY USAGE',
      'MEMORY',
    ]))

  test('CONFIG GET', () =>
    compare([
      'CONFIG GET maxmemory',
      'CONFIG GET MaxMemory',
      'CONFIG GET nosuch',
      { command: 'CONFIG GET maxmemory maxclients', unordered: 'pairs' },
      { command: 'CONFIG GET maxmemory-*', unordered: 'pairs' },
      { command: 'CONFIG GET maxmemory maxmem?ry maxmemory-p*', unordered: 'pairs' },
      { command: 'CONFIG GET ?ash-max-listpack-*', unordered: 'pairs' },
      'CONFIG GET',
      'CONFIG',
    ]))

  test('CONFIG SET', () =>
    compare([
      'CONFIG SET maxmemory 100mb',
      'CONFIG GET maxmemory',
      'CONFIG SET maxmemory 0 maxmemory-policy allkeys-lru',
      { command: 'CONFIG GET maxmemory*', unordered: 'pairs' },
      'CONFIG SET maxmemory-policy noeviction maxmemory x',
      'CONFIG GET maxmemory-policy',
      'CONFIG SET maxmemory-policy nosuch',
      'CONFIG SET maxmemory-policy noeviction',
      'CONFIG SET maxmemory',
      'CONFIG SET maxmemory 0 maxclients',
      'CONFIG SET nosuch 1',
      'CONFIG SET databases 3',
      'CONFIG SET maxmemory 1 maxmemory 2',
      'CONFIG SET',
      'CONFIG GET maxmemory',
    ]))

  test('CONFIG RESETSTAT and REWRITE', () =>
    compare(['CONFIG RESETSTAT', 'CONFIG RESETSTAT x', 'CONFIG REWRITE', 'CONFIG REWRITE x']))

  const firstLine = (reply: string): string => reply.split('\r\n')[1]!
  test('HELP begins and ends in the same way', () =>
    compare([
      { command: 'CONFIG HELP', mask: firstLine },
      { command: 'MEMORY HELP', mask: firstLine },
      { command: 'COMMAND HELP', mask: firstLine },
      'CONFIG HELP x',
      'MEMORY HELP x',
    ]))
})

differential('INFO', ({ compare }) => {
  /** The names of sections only. */
  const sections = (reply: string): string =>
    reply
      .match(/^[#$=].*/gm)!
      .slice(1)
      .join()
  /** The lines of one section, without the values that differ from server to server. */
  const line = (name: string) => (reply: string) =>
    reply.match(new RegExp(`^${name}.*`, 'm'))?.[0] ?? ''

  test('sections', () =>
    compare([
      { command: 'INFO', mask: sections },
      { command: 'INFO default', mask: sections },
      { command: 'INFO server', mask: sections },
      { command: 'INFO cpu CLIENTS', mask: sections },
      { command: 'INFO keyspace default commandstats', mask: sections },
      { command: 'INFO all', mask: sections },
      { command: 'INFO everything', mask: sections },
      'INFO nosuch',
      'INFO modules',
      'INFO cluster',
      'INFO nosuch cluster modules',
    ]))

  test('Keyspace', () =>
    compare([
      'INFO keyspace',
      'MSET a 1 b 2',
      'SELECT 9',
      'SET c 1 EX 1000',
      { command: 'INFO keyspace', mask: (reply) => reply.replace(/^.\d+|avg_ttl=\d+/gm, '') },
    ]))

  const withoutTimes = (reply: string): string =>
    reply
      .split('\r\n')
      .filter((each) => /^cmdstat_(get|set|config|nosuch|append)/.test(each))
      .map((each) => each.replace(/usec=\d+,usec_per_call=[\d.]+/, 'usec'))
      .sort()
      .join('\n')

  test('Commandstats', () =>
    compare([
      'SET a 1',
      'GET a',
      'GET a',
      'GET',
      'CONFIG GET hz nosuch',
      'CONFIG SET nosuch 1',
      'CONFIG GET',
      'NOSUCH',
      { command: 'INFO commandstats', mask: withoutTimes },
      'CONFIG RESETSTAT',
      { command: 'INFO commandstats', mask: withoutTimes },
    ]))

  test('Errorstats', () =>
    compare([
      'INFO errorstats',
      'NOSUCH',
      'GET',
      'INCR a x',
      'SET a x',
      'INCR a',
      'CONFIG SET nosuch 1',
      'INFO errorstats',
      { command: 'INFO stats', mask: line('total_error_replies') },
      'CONFIG RESETSTAT',
      'INFO errorstats',
    ]))

  test('Stats', () =>
    compare([
      'SET a 1',
      'GET a',
      'GET none',
      'EXISTS a none',
      { command: 'INFO stats', mask: line('keyspace_hits') },
      { command: 'INFO stats', mask: line('keyspace_misses') },
      { command: 'INFO stats', mask: line('total_commands_processed') },
      { command: 'INFO persistence', mask: line('rdb_changes_since_last_save') },
      { command: 'INFO memory', mask: line('maxmemory_human') },
      { command: 'INFO server', mask: line('redis_mode') },
      { command: 'INFO server', mask: line('os') },
      { command: 'INFO clients', mask: line('connected_clients') },
      { command: 'INFO replication', mask: line('role') },
    ]))
})
