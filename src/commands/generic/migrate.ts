/**
 * MIGRATE: the request is parsed here, and the keys are looked up. The rest goes on while others
 * are served: `server/migrations.ts`.
 */
import { NULL } from '../../arena/arena.ts'
import { leadingInteger } from '../../bytes/integers.ts'
import type { Args } from '../../resp/args.ts'
import { integer64 } from '../arguments.ts'
import { cString } from '../c-string.ts'
import {
  type ArgSpec,
  block,
  command,
  type FoundKey,
  integer,
  type KeyArguments,
  key,
  oneOf,
  string,
  token,
} from '../command.ts'
import { CommandError, SYNTAX_ERROR } from '../errors.ts'

const KEY_BESIDE_KEYS = new CommandError(
  'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
)
const NOT_HERE = new CommandError('ERR MIGRATE waits for another server, which cannot be done here')
const EMPTY_STRING: ArgSpec = { name: 'empty-string', type: 'pure-token', token: '""' }
const DEFAULT_TIMEOUT_MS = 1000
/** Where the options begin. */
const OPTIONS = 6
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** Where things are among the arguments; 0 for what is not there. */
interface Places {
  isCopy: boolean
  replaces: boolean
  user: number
  password: number
  firstKey: number
  keyCount: number
}

function parseOptions(args: Args): Places {
  const places = { isCopy: false, replaces: false, user: 0, password: 0, firstKey: 3, keyCount: 1 }
  for (let i = OPTIONS; i < args.count; i++) {
    const left = args.count - 1 - i
    if (args.is(i, 'copy')) {
      places.isCopy = true
    } else if (args.is(i, 'replace')) {
      places.replaces = true
    } else if (args.is(i, 'auth') && left >= 1) {
      places.password = ++i
    } else if (args.is(i, 'auth2') && left >= 2) {
      places.user = ++i
      places.password = ++i
    } else if (args.is(i, 'keys')) {
      if (args.length(3) !== 0) throw KEY_BESIDE_KEYS
      places.firstKey = i + 1
      places.keyCount = left
      break
    } else {
      throw SYNTAX_ERROR
    }
  }
  return places
}

/** Passwords and the names that go with them, as far as a request can be understood. */
function secretsOf(args: KeyArguments): readonly number[] {
  const secrets: number[] = []
  for (let i = OPTIONS; i < args.count; i++) {
    const left = args.count - 1 - i
    if (args.is(i, 'auth') && left >= 1) {
      secrets.push(++i)
    } else if (args.is(i, 'auth2') && left >= 2) {
      secrets.push(++i, ++i)
    } else if (!args.is(i, 'copy') && !args.is(i, 'replace')) {
      break
    }
  }
  return secrets
}

/** The keys behind KEYS, or the one before the options; none where both are given. */
function keysOf(args: KeyArguments): readonly FoundKey[] {
  for (let i = OPTIONS; i < args.count; i++) {
    if (args.is(i, 'keys')) {
      if (!args.is(3, '')) return []
      const count = args.count - i - 1
      return Array.from({ length: count }, (_, n) => ({ index: i + 1 + n, spec: 0 }))
    }
    if (args.is(i, 'auth')) i += 1
    else if (args.is(i, 'auth2')) i += 2
  }
  return [{ index: 3, spec: 0 }]
}

export const migrate = command({
  name: 'MIGRATE',
  group: 'generic',
  since: '2.6.0',
  complexity: 'O(N) in the size of the values, here and on the target.',
  summary: 'Moves keys to another server.',
  history: [
    ['3.0.0', 'Added the `COPY` and `REPLACE` options.'],
    ['3.0.6', 'Added the `KEYS` option.'],
    ['4.0.7', 'Added the `AUTH` option.'],
    ['6.0.0', 'Added the `AUTH2` option.'],
  ],
  arity: -6,
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  keys: [
    { begin: 3, access: 'RW', intent: ['access', 'delete'] },
    {
      begin: { keyword: 'KEYS', startFrom: -2 },
      last: -1,
      access: 'RW',
      intent: ['access', 'delete'],
      flags: ['incomplete'],
    },
  ],
  findKeys: keysOf,
  tips: ['nondeterministic_output'],
  args: [
    string('host'),
    integer('port'),
    oneOf('key-selector', [key('key'), EMPTY_STRING]),
    integer('destination-db'),
    integer('timeout'),
    token('COPY', { optional: true, since: '3.0.0' }),
    token('REPLACE', { optional: true, since: '3.0.0' }),
    oneOf(
      'authentication',
      [
        string('auth', { token: 'AUTH', display: 'password', since: '4.0.7' }),
        block('auth2', [string('username'), string('password')], {
          token: 'AUTH2',
          since: '6.0.0',
        }),
      ],
      { optional: true },
    ),
    key('keys', {
      token: 'KEYS',
      display: 'key',
      keySpec: 1,
      optional: true,
      multiple: true,
      since: '3.0.6',
    }),
  ],
  secrets: secretsOf,
  isKeptFromMulti: true,
  run({ args, db, reply, server, session }) {
    const { firstKey, isCopy, keyCount, password, replaces, user } = parseOptions(args)
    const timeout = integer64(args, 5)
    const database = integer64(args, 4)
    const keys: number[] = []
    for (let i = firstKey; i < firstKey + keyCount; i++) {
      if (db.findForRead(args, i) !== NULL) keys.push(i)
    }
    if (keys.length === 0) return reply.simple('NOKEY')
    if (!session.mayBlock) throw NOT_HERE
    server.migrations.begin(session, args, {
      host: cString(args, 1),
      port: leadingInteger(cString(args, 2)),
      database,
      timeoutMs: timeout > 0 ? Math.min(Number(timeout), LONGEST_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS,
      isCopy,
      replaces,
      user: user === 0 ? null : args.copy(user),
      password: password === 0 ? null : args.copy(password),
      keys,
    })
  },
})
