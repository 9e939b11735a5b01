/** Requests whose keys are easily overlooked: each is refused for want of the right to its key. */
import { expect, test } from 'vitest'
import { InProcessClient, testServer } from '../../support/in-process-client.ts'

const NO_KEY = '-NOPERM No permissions to access a key\r\n'

test.each([
  // The source keys may be left out.
  ['~own', ['PFMERGE', 'other'], NO_KEY],
  ['~own', ['PFMERGE', 'own'], '+OK\r\n'],
  ['~own', ['PFMERGE', 'own', 'other'], NO_KEY],
  // A key that is called as an option is, and the STORE that counts behind it.
  ['~own ~limit ~get ~by', ['SORT', 'own', 'STORE', 'limit', 'STORE', 'other'], NO_KEY],
  ['~own ~limit ~get ~by', ['SORT', 'own', 'STORE', 'get', 'STORE', 'other'], NO_KEY],
  ['~own ~limit', ['SORT', 'own', 'STORE', 'other', 'STORE', 'limit'], ':0\r\n'],
  // Whoever may only write must not come to know a value by comparing it.
  ['%W~own', ['SET', 'own', 'v', 'IFEQ', 'guess'], NO_KEY],
  ['%W~own', ['SET', 'own', 'v', 'GET'], NO_KEY],
  ['%W~own', ['SET', 'own', 'v'], '+OK\r\n'],
  ['%W~own', ['DELIFEQ', 'own', 'guess'], NO_KEY],
  ['%W~own', ['GETSET', 'own', 'v'], NO_KEY],
  ['%W~own', ['GETDEL', 'own'], NO_KEY],
  ['%R~own', ['GETEX', 'own', 'PERSIST'], NO_KEY],
  ['%R~own', ['COPY', 'own', 'other'], NO_KEY],
  ['%R~own', ['RENAME', 'own', 'own'], NO_KEY],
  ['%R~own %W~other', ['COPY', 'own', 'other'], ':0\r\n'],
  ['%RW~own', ['LMPOP', '2', 'own', 'other', 'LEFT'], NO_KEY],
  ['~own', ['MEMORY', 'USAGE', 'other'], NO_KEY],
  ['~own', ['OBJECT', 'ENCODING', 'other'], NO_KEY],
  // What BY and GET read is known only when it is read.
  [
    '~own',
    ['SORT', 'own', 'BY', 'other*'],
    '-ERR BY option of SORT denied due to insufficient ACL permissions.\r\n',
  ],
  [
    '~own',
    ['SORT', 'own', 'GET', '#'],
    '-ERR GET option of SORT denied due to insufficient ACL permissions.\r\n',
  ],
])('with %s: %j', (rules, request, reply) => {
  const admin = new InProcessClient(testServer())
  admin.call('ACL', 'SETUSER', 'u', 'on', 'nopass', '+@all', ...rules.split(' '))
  const user = new InProcessClient(admin.server)
  user.call('AUTH', 'u', '')
  expect(user.call(...request)).toBe(reply)
})

test('COMMAND GETKEYS names the key that SORT writes to', () => {
  const client = new InProcessClient(testServer())
  const keysOf = (...words: string[]) => client.value('COMMAND', 'GETKEYS', 'SORT', 'k', ...words)
  expect(keysOf('STORE', 'get', 'STORE', 'by')).toEqual(['k', 'by'])
  expect(keysOf('STORE', 'BY', 'STORE', 'to')).toEqual(['k', 'to'])
})

test('a client that waits is refused when it has lost the right meanwhile', () => {
  const admin = new InProcessClient(testServer())
  admin.call('ACL', 'SETUSER', 'u', 'on', 'nopass', '+@all', '~list')
  const user = new InProcessClient(admin.server)
  user.call('AUTH', 'u', '')
  expect(user.call('BLPOP', 'list', 0)).toBe('')
  admin.call('ACL', 'SETUSER', 'u', 'resetkeys', '~other')
  admin.call('RPUSH', 'list', 'secret')
  expect(user.take()).toBe(NO_KEY)
  expect(admin.value('LLEN', 'list')).toBe(1)
})
