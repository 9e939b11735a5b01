/** The kinds of clients that CLIENT LIST and CLIENT KILL can select. */
import type { Args } from '../../resp/args.ts'
import { cString } from '../c-string.ts'
import type { Session } from '../context.ts'
import { CommandError } from '../errors.ts'

export type ClientType = 'normal' | 'replica' | 'pubsub' | 'master'

const TYPES = new Map<string, ClientType>([
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
  ['master', 'master'],
])

/** The kind that argument `index` names. Throws if it names none. */
export function clientType(args: Args, index: number): ClientType {
  const text = cString(args, index)
  const type = TYPES.get(text.toLowerCase())
  if (type === undefined) throw new CommandError(`ERR Unknown client type '${text}'`)
  return type
}

export function typeOfSession(session: Session): ClientType {
  return session.subscriptions === null ? 'normal' : 'pubsub'
}
