import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EditLine } from '../../../../src/cli/client/edit-line.ts'
import { History, isSensitive } from '../../../../src/cli/client/history.ts'
import { Journal } from '../../../../src/cli/client/journal.ts'
import { fateOf } from '../../../../src/cli/client/lost-command.ts'
import { formatReply, PLAIN } from '../../../../src/cli/client/reply-format.ts'
import { fitted, textWidth } from '../../../../src/cli/client/text-width.ts'
import type { Reply } from '../../../../src/resp/reply-parser.ts'

let directory: string
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-cli-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }))

describe('a line being edited', () => {
  const lineOf = (text: string, cursor = text.length) => {
    const line = new EditLine()
    line.set(text, cursor)
    return line
  }

  test('moves and deletes by whole characters', () => {
    const line = lineOf('a😀é')
    line.left()
    line.left()
    expect(line.cursor).toBe(1)
    line.deleteRight()
    expect(line.text).toBe('aé')
    line.deleteLeft()
    expect(line.text).toBe('é')
    line.right()
    line.deleteLeft()
    line.deleteLeft()
    expect(line.text).toBe('')
  })

  test('cuts words and pastes them', () => {
    const line = lineOf('set foo:bar baz')
    line.cutBlankWordLeft()
    expect(line.text).toBe('set foo:bar ')
    line.cutWordLeft()
    expect(line.text).toBe('set foo:')
    line.paste()
    expect(line.text).toBe('set foo:bar ')
    line.cutToStart()
    expect(line.text).toBe('')
    line.paste()
    line.wordLeft()
    line.wordLeft()
    expect(line.cursor).toBe(4)
    line.cutToEnd()
    expect(line.text).toBe('set ')
  })

  test('exchanges the characters around the cursor', () => {
    const line = lineOf('gte', 2)
    line.transpose()
    expect([line.text, line.cursor]).toEqual(['get', 3])
    line.transpose()
    expect(line.text).toBe('gte')
  })

  test('knows the columns of a text', () => {
    expect(textWidth('abc')).toBe(3)
    expect(textWidth('日本')).toBe(4)
    expect(textWidth('é😀')).toBe(3)
    expect(textWidth('e\u0301')).toBe(1)
    expect(fitted('a日本', 4)).toBe('a日')
  })
})

describe('the history', () => {
  test('is appended to its file, which only its owner may read', () => {
    const file = path.join(directory, 'history')
    const history = new History(file)
    for (const line of ['a', 'a', 'b', '', 'a']) history.add(line)
    expect(new History(file).lines).toEqual(['a', 'b', 'a'])
    if (process.platform !== 'win32') expect(fs.statSync(file).mode & 0o777).toBe(0o600)
  })

  test.each([
    ['auth x', true],
    ['acl setuser me', true],
    ['acl list', false],
    ['config set maxmemory 1 requirepass x', true],
    ['config set maxmemory 1', false],
    ['hello 3 auth me x', true],
    ['hello 3 setname x', false],
    ['migrate h 1 k 0 5 copy auth x', true],
    ['migrate h 1 k 0 5 keys auth', false],
    ['get auth', false],
  ])('%s is kept out of it: %s', (line, expected) => {
    expect(isSensitive(line.split(' '))).toBe(expected)
  })
})

describe('the journal of what was written standalone', () => {
  const file = () => path.join(directory, 'journal')
  const set = (key: string) => ({
    database: 0,
    commands: [['SET', key, 'v\x00\r\n']],
    isTransaction: false,
  })
  const transaction = {
    isTransaction: true,
    database: 3,
    commands: [
      ['SET', 'a', '1'],
      ['INCR', 'a'],
    ],
  }

  test('has its entries again after it is opened again', () => {
    const journal = new Journal(file())
    for (const entry of [set('a'), transaction, transaction, set('b')]) journal.add(entry)
    expect(new Journal(file()).entries).toEqual([set('a'), transaction, transaction, set('b')])
  })

  test('goes on in the database that it ended with', () => {
    new Journal(file()).add(transaction)
    const again = new Journal(file())
    again.add(transaction)
    again.add(set('a'))
    expect(new Journal(file()).entries).toEqual([transaction, transaction, set('a')])
  })

  test('drops what has been replayed', () => {
    const journal = new Journal(file())
    for (const entry of [set('a'), transaction, set('b')]) journal.add(entry)
    journal.dropBefore(1)
    expect(new Journal(file()).entries).toEqual([transaction, set('b')])
    journal.dropBefore(2)
    expect(fs.existsSync(file())).toBe(false)
  })

  test('loses the last entry only, if that was cut off anywhere', () => {
    const journal = new Journal(file())
    journal.add(set('a'))
    const whole = fs.statSync(file()).size
    journal.add(transaction)
    const bytes = fs.readFileSync(file())
    for (let cut = whole; cut < bytes.length; cut++) {
      fs.writeFileSync(file(), bytes.subarray(0, cut))
      expect(new Journal(file()).entries).toEqual([set('a')])
      const again = new Journal(file())
      again.add(transaction)
      expect(new Journal(file()).entries).toEqual([set('a'), transaction])
    }
  })
})

describe('what became of a command without a reply', () => {
  test('is told by what is known', async () => {
    expect(await fateOf(['SET', 'a', '1'], false, false)).toContain('was not sent')
    expect(await fateOf(['SET', 'a', '1'], true, false)).toContain('may have run or not')
    expect(await fateOf(['get', 'a'], true, false)).toContain('repeating it is safe')
    expect(await fateOf(['SET', 'a', '1'], true, true)).toContain('none of its commands ran')
    expect(await fateOf(['EXEC'], true, true)).toContain('may have run or not')
  })
})

describe('formats, beyond what redis-cli shows', () => {
  const big: Reply = { type: 'big number', text: '12345678901234567890', elements: [] }
  const format = (name: 'standard' | 'raw' | 'csv' | 'json' | 'quoted-json') =>
    formatReply(big, { format: name, elementDelimiter: '\n', replyDelimiter: '\n', palette: PLAIN })

  test('big numbers keep their digits', () => {
    expect(format('standard')).toBe('(big number) 12345678901234567890\n')
    for (const name of ['raw', 'csv', 'json', 'quoted-json'] as const) {
      expect(format(name)).toBe('12345678901234567890\n')
    }
  })
})
