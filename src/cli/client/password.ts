/** Asks for a password without showing it: stars stand for what is typed. */
import { Exit } from './output.ts'

const DELETE = /[\x7f\b]/
const ENTER = /[\r\n]/

/** @returns what was typed. Without a terminal it is a line of standard input. */
export function askPassword(question: string): Promise<string> {
  const { stdin, stdout } = process
  stdout.write(question)
  if (stdin.isTTY) stdin.setRawMode(true)
  let typed: string[] = []
  return new Promise((resolve, reject) => {
    const end = (): void => {
      stdin.off('data', onData)
      stdin.pause()
      if (stdin.isTTY) stdin.setRawMode(false)
      stdout.write('\n')
    }
    const onData = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\x03' || (character === '\x04' && typed.length === 0)) {
          end()
          return reject(new Exit(1))
        }
        if (ENTER.test(character)) {
          end()
          return resolve(typed.join(''))
        }
        if (DELETE.test(character)) typed = typed.slice(0, -1)
        else typed.push(character)
        if (stdin.isTTY) stdout.write(DELETE.test(character) ? '\b \b' : '*')
      }
    }
    stdin.on('data', onData)
    stdin.once('end', () => resolve(typed.join('')))
    stdin.resume()
  })
}
