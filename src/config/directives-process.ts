/** Directives about the process: its files, log, signals, diagnostics and the pace of its work. */
import {
  choice,
  FlagsDirective,
  integer,
  type ParseContext,
  path,
  Refused,
  text,
  yesNo,
} from './directive.ts'
import { INT_MAX, INT_MIN, LONG_MAX } from './number-syntax.ts'
import {
  DirectoryDirective,
  NotifyDirective,
  OomScoresDirective,
  PercentilesDirective,
} from './special.ts'

const SHUTDOWN_WORDS = ['default', 'save', 'nosave', 'now', 'force'] as const
const SHUTDOWN_CONFLICT = "shutdown options SAVE and NOSAVE can't be used simultaneously"

function shutdownFlags() {
  return new FlagsDirective(SHUTDOWN_WORDS, ['save', 'nosave'], SHUTDOWN_CONFLICT, { active: true })
}

const CPU_LIST = { immutable: true, emptyIsNone: true } as const

/** The variables of a process title; a title must not be empty once they are filled in. */
function validateTitleTemplate(template: string, context: ParseContext): Refused | null {
  const title = expandTemplate(template, (name) => titleVariable(name, context))
  if (title !== null && title.replace(/^ +| +$/g, '') !== '') return null
  return new Refused('template format is invalid or contains unknown variables')
}

function titleVariable(name: string, context: ParseContext): string | null {
  switch (name) {
    case 'title':
      return ''
    case 'listen-addr':
      return '*'
    case 'server-mode':
      return context.print('cluster-enabled') === 'yes' ? '[cluster]' : ''
    case 'config-file':
      return '-'
    case 'port':
    case 'tls-port':
    case 'unixsocket':
      return context.print(name)
    default:
      return null
  }
}

/**
 * Fills `{name}` with what `lookup` gives; `{{` stands for a brace. Null when a brace is left open
 * or a name is unknown. Linear in the template's length.
 */
export function expandTemplate(
  template: string,
  lookup: (name: string) => string | null,
): string | null {
  let result = ''
  let at = 0
  for (;;) {
    const open = template.indexOf('{', at)
    if (open === -1) return result + template.slice(at)
    result += template.slice(at, open)
    if (template[open + 1] === '{') {
      result += '{'
      at = open + 2
      continue
    }
    const close = template.indexOf('}', open + 1)
    const value = close === -1 ? null : lookup(template.slice(open + 1, close))
    if (value === null) return null
    result += value
    at = close + 1
  }
}

export const processDirectives = {
  dir: new DirectoryDirective({ active: true, protected: true, deniedWhileLoading: true }),
  daemonize: yesNo('no', { active: true, immutable: true }),
  supervised: choice(['upstart', 'systemd', 'auto', 'no'], 'no', {
    active: true,
    immutable: true,
  }),
  pidfile: path('', { active: true, immutable: true, emptyIsNone: true }),
  loglevel: choice(['debug', 'verbose', 'notice', 'warning', 'nothing'], 'notice', {
    active: true,
  }),
  logfile: path('', { active: true, immutable: true }),
  'syslog-enabled': yesNo('no', { active: true, immutable: true }),
  'syslog-ident': text('redis', { immutable: true }),
  'syslog-facility': choice(
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    'local0',
    { immutable: true },
  ),
  'crash-log-enabled': yesNo('yes'),
  'crash-memcheck-enabled': yesNo('yes'),
  'use-exit-on-panic': yesNo('no', { hidden: true }),
  'always-show-logo': yesNo('no', { active: true, immutable: true }),
  'set-proc-title': yesNo('yes', { active: true, immutable: true }),
  'proc-title-template': text(
    '{title} {listen-addr} {server-mode}',
    { active: true },
    validateTitleTemplate,
  ),
  'ignore-warnings': text(''),
  'locale-collate': text(''),
  'disable-thp': yesNo('yes', { immutable: true }),
  'oom-score-adj': choice(
    ['no', 'yes', 'relative', 'absolute'],
    'no',
    {},
    new Map([['relative', 'yes']]),
  ),
  'oom-score-adj-values': new OomScoresDirective({}),
  server_cpulist: text('', CPU_LIST),
  bio_cpulist: text('', CPU_LIST),
  aof_rewrite_cpulist: text('', CPU_LIST),
  bgsave_cpulist: text('', CPU_LIST),

  databases: integer(16, 1, INT_MAX, { active: true, immutable: true }),
  hz: integer(10, 0, INT_MAX, { active: true, clamp: [1n, 500n] }),
  'dynamic-hz': yesNo('yes', { active: true }),
  'active-expire-effort': integer(1, 1, 10, { active: true }),
  activerehashing: yesNo('yes'),
  'busy-reply-threshold': integer(5000, 0, LONG_MAX, { alias: 'lua-time-limit' }),
  'shutdown-timeout': integer(10, 0, INT_MAX),
  'shutdown-on-sigint': shutdownFlags(),
  'shutdown-on-sigterm': shutdownFlags(),

  'slowlog-log-slower-than': integer(10000, -1, LONG_MAX, {
    active: true,
    alias: 'commandlog-execution-slower-than',
  }),
  'slowlog-max-len': integer(128, 0, LONG_MAX, {
    active: true,
    alias: 'commandlog-slow-execution-max-len',
  }),
  // Valkey 8.1's.
  'commandlog-request-larger-than': integer(1048576, -1, LONG_MAX, { active: true }),
  'commandlog-large-request-max-len': integer(128, 0, LONG_MAX, { active: true }),
  'commandlog-reply-larger-than': integer(1048576, -1, LONG_MAX, { active: true }),
  'commandlog-large-reply-max-len': integer(128, 0, LONG_MAX, { active: true }),
  'latency-monitor-threshold': integer(0, 0, LONG_MAX, { active: true }),
  'latency-tracking': yesNo('yes', { active: true }),
  'latency-tracking-info-percentiles': new PercentilesDirective({ active: true }),
  'notify-keyspace-events': new NotifyDirective({ active: true }),
  'watchdog-period': integer(0, 0, INT_MAX, { hidden: true }),
  'key-load-delay': integer(0, INT_MIN, INT_MAX, { hidden: true }),
} as const
