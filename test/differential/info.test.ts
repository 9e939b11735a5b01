/**
 * INFO against the real server: the fields of each section, in their order; and the figures that
 * the same script gives both.
 */
import { test } from 'vitest'
import { differential, type Step } from './support/compare.ts'

/** Not in 7.0, which is asked here: from 7.2, from later versions, and Redstart's own. */
const NEWER = new Set([
  ...['total_blocking_keys', 'total_blocking_keys_on_nokey', 'listener0', 'rdb_saves'],
  ...['eventloop_cycles', 'eventloop_duration_sum', 'eventloop_duration_cmd_sum'],
  ...['instantaneous_eventloop_cycles_per_sec', 'instantaneous_eventloop_duration_usec'],
  ...['acl_access_denied_auth', 'acl_access_denied_cmd', 'acl_access_denied_key'],
  ...['acl_access_denied_channel', 'expired_subkeys'],
  ...['client_query_buffer_limit_disconnections', 'client_output_buffer_limit_disconnections'],
  ...['redstart_version', 'node_version', 'event_loop_longest_stall_us', 'aof_oldest_unsynced_ms'],
])

/** The names of the fields, and titles. */
function fieldNames(reply: string): string {
  const names = reply.split('\r\n').map((line) => line.split(':', 1)[0]!)
  return names.filter((name) => !NEWER.has(name) && !/^[$=]\d+$/.test(name)).join('\n')
}

/** Only these fields of the report, with their values. */
function fields(...names: readonly string[]) {
  return (reply: string): string =>
    reply
      .split('\r\n')
      .filter((line) => names.includes(line.split(':', 1)[0]!))
      .join('\n')
}

/** Without the times of statistics. */
function withoutTimes(reply: string): string {
  const lines = reply.split('\r\n').filter((line) => line.startsWith('cmdstat_'))
  return lines
    .map((line) => line.replace(/usec=\d+,usec_per_call=[\d.]+/, ''))
    .sort()
    .join('\n')
}

/** Which percentiles of which commands are told. */
function percentiles(reply: string): string {
  const lines = reply.split('\r\n').filter((line) => line.startsWith('latency_'))
  return lines
    .map((line) => line.replace(/=[\d.]+/g, ''))
    .sort()
    .join('\n')
}

const SECTIONS = [
  ...['server', 'clients', 'memory', 'persistence', 'stats', 'replication', 'cpu', 'modules'],
  ...['module_list', 'errorstats', 'cluster', 'keyspace'],
]

differential('info', ({ compare }) => {
  test('the sections have the fields of the real server', () =>
    compare([
      'SET k v',
      'INCRBY k x',
      'CONFIG RESETSTAT',
      ...SECTIONS.map((section): Step => ({ command: ['INFO', section], mask: fieldNames })),
      { command: 'INFO', mask: fieldNames },
      { command: 'INFO default', mask: fieldNames },
      { command: 'INFO Replication CPU cpu', mask: fieldNames },
      'INFO nosuch',
    ]))

  test('the log brings fields of its own', () =>
    compare([
      'CONFIG SET appendonly yes',
      { command: 'INFO persistence', mask: fieldNames },
      'CONFIG SET appendonly no',
    ]))

  test('statistics of commands', () =>
    compare([
      'SET k v',
      'SET k',
      'INCR k',
      'GET k',
      'CLIENT GETNAME',
      'CLIENT nosuch',
      'CONFIG',
      'nosuch',
      'MULTI',
      'SET a b',
      'AUTH x',
      'EXEC',
      'MULTI',
      'SET',
      'EXEC',
      'EXEC',
      { client: 1, command: 'BLPOP list 0', sendOnly: true },
      { client: 2, command: 'PING' },
      'LPUSH list x',
      { client: 1, receive: true },
      { command: 'INFO commandstats', mask: withoutTimes },
      { command: 'INFO errorstats', mask: (reply) => reply },
      {
        command: 'INFO stats',
        mask: fields('total_error_replies', 'unexpected_error_replies', 'keyspace_hits'),
      },
    ]))

  test('statistics of latency', () =>
    compare([
      'CONFIG RESETSTAT',
      'SET k v',
      { command: 'INFO latencystats', mask: percentiles },
      ['CONFIG', 'SET', 'latency-tracking-info-percentiles', '0 50 99.99 100'],
      { command: 'INFO latencystats', mask: percentiles },
      ['CONFIG', 'SET', 'latency-tracking-info-percentiles', '50 99 99.9'],
      'CONFIG SET latency-tracking no',
      { command: 'INFO latencystats', mask: (reply) => reply.split('\r\n').length.toString() },
      'CONFIG SET latency-tracking yes',
    ]))

  test('what commands have done', () =>
    compare([
      'MSET a 1 b 2',
      'GET a',
      'GET nokey',
      'SUBSCRIBE one two',
      { client: 1, command: 'PSUBSCRIBE p*' },
      {
        client: 2,
        command: 'INFO stats',
        mask: fields('keyspace_hits', 'keyspace_misses', 'pubsub_patterns', 'evicted_keys'),
      },
      { client: 2, command: 'EXPIRE a 100' },
      { client: 2, command: 'INFO keyspace', mask: (reply) => reply.match(/db0:.*expires=1/)![0] },
      { client: 2, command: 'INFO cluster' },
      { client: 2, command: 'INFO replication', mask: fields('role', 'connected_slaves') },
    ]))
})
