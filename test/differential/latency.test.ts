/** LATENCY against the real server: events made by DEBUG SLEEP, histograms, errors. */
import { test } from 'vitest'
import { differential, type Step } from './support/compare.ts'

const digits = (reply: string): string => reply.replace(/\d+/g, 'N')
const OFF: Step[] = [{ command: 'CONFIG SET latency-monitor-threshold 0' }]

/** A histogram without its times: how many calls of which command. */
const calls = (reply: string): string => reply.replace(/histogram_usec\r\n[^$]*/g, '')

differential('latency', { flags: ['--enable-debug-command', 'yes'] }, ({ compare }) => {
  test('events', () =>
    compare([
      'LATENCY RESET',
      // So long that nothing but the sleep takes it, on a busy machine either.
      'CONFIG SET latency-monitor-threshold 400',
      'LATENCY LATEST',
      'DEBUG SLEEP 0.45',
      { command: 'LATENCY LATEST', mask: digits },
      { command: 'LATENCY HISTORY command', mask: digits },
      'LATENCY HISTORY Command',
      { command: 'LATENCY GRAPH command', mask: digits },
      'MULTI',
      'DEBUG SLEEP 0.45',
      'EXEC',
      'LATENCY HISTORY fast-command',
      'LATENCY RESET fast-command none',
      'LATENCY RESET COMMAND command',
      'LATENCY LATEST',
      'LATENCY RESET',
      ...OFF,
    ]))

  test('histograms', () =>
    compare([
      'CONFIG RESETSTAT',
      'SET k v',
      'SET k v',
      'GET k',
      'GET',
      'LPUSH k x',
      'CLIENT GETNAME',
      { command: 'LATENCY HISTOGRAM set', mask: calls },
      { command: 'LATENCY HISTOGRAM SET nosuch get lpush', mask: calls },
      { command: 'LATENCY HISTOGRAM client', mask: calls },
      { command: 'LATENCY HISTOGRAM client|getname client|id', mask: calls },
      'LATENCY HISTOGRAM nosuch',
      'LATENCY HISTOGRAM none|such a|b|c',
      'CONFIG SET latency-tracking no',
      'SET k v',
      'HSET h f v',
      { command: 'LATENCY HISTOGRAM set hset', mask: calls },
      'CONFIG SET latency-tracking yes',
    ]))

  test('a blocked request is one call', () =>
    compare([
      'CONFIG RESETSTAT',
      { client: 1, command: 'BLPOP list 0', sendOnly: true },
      { client: 2, command: 'PING' },
      'RPUSH list x',
      { client: 1, receive: true },
      { command: 'LATENCY HISTOGRAM blpop rpush', mask: calls },
    ]))

  test('errors', () =>
    compare([
      'LATENCY',
      'LATENCY nosuch',
      'LATENCY GRAPH x',
      'LATENCY GRAPH',
      'LATENCY HISTORY',
      'LATENCY HISTORY x',
      'LATENCY LATEST x',
      'LATENCY DOCTOR x',
      { command: 'LATENCY DOCTOR', mask: (reply) => reply.slice(0, 1) },
      { command: 'LATENCY HELP', mask: (reply) => reply.split('\r\n')[1]! },
      'CONFIG SET latency-monitor-threshold -1',
    ]))
})
