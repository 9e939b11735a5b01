/**
 * What is known of commands: their arguments, summaries and groups, as COMMAND DOCS tells them.
 * The server that one is connected to is asked, since it may know other commands; where it cannot
 * answer, Redstart's own declarations do. Those are of the engine, which is loaded only then.
 */
import { type Reply, ReplyParser } from '../../resp/reply-parser.ts'
import { type Connection, ConnectionError } from './connection.ts'

export interface ArgumentDoc {
  readonly name: string
  /** What stands for a value of it in a hint. */
  readonly shown: string
  readonly type: string
  /** The word before its value, or instead of one; null without. */
  readonly token: string | null
  readonly isOptional: boolean
  readonly isMultiple: boolean
  /** Whether the token is said again with every repetition. */
  readonly repeatsToken: boolean
  readonly parts: readonly ArgumentDoc[]
}

export interface CommandDoc {
  /** In capitals: `CONFIG SET`. */
  readonly name: string
  readonly words: readonly string[]
  readonly summary: string
  readonly since: string
  readonly group: string
  readonly arguments: readonly ArgumentDoc[]
}

type Fields = Map<string, Reply>

/** All commands by their names in order, from a reply to COMMAND DOCS. */
function readCommandDocs(reply: Reply): CommandDoc[] {
  const docs: CommandDoc[] = []
  for (const [name, fields] of fieldsOf(reply)) addCommand(docs, name, fieldsOf(fields))
  return docs.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function addCommand(docs: CommandDoc[], name: string, fields: Fields): void {
  const words = name.toUpperCase().split('|')
  docs.push({
    name: words.join(' '),
    words,
    summary: fields.get('summary')?.text ?? '',
    since: fields.get('since')?.text ?? '',
    group: fields.get('group')?.text ?? '',
    arguments: (fields.get('arguments')?.elements ?? []).map(readArgument),
  })
  const subcommands = fields.get('subcommands')
  if (subcommands === undefined) return
  for (const [sub, subFields] of fieldsOf(subcommands)) addCommand(docs, sub, fieldsOf(subFields))
}

function readArgument(reply: Reply): ArgumentDoc {
  const fields = fieldsOf(reply)
  const name = fields.get('name')?.text ?? ''
  const flags = (fields.get('flags')?.elements ?? []).map((flag) => flag.text)
  return {
    name,
    shown: fields.get('display_text')?.text ?? name,
    type: fields.get('type')?.text ?? '',
    token: fields.get('token')?.text ?? null,
    isOptional: flags.includes('optional'),
    isMultiple: flags.includes('multiple'),
    repeatsToken: flags.includes('multiple_token'),
    parts: (fields.get('arguments')?.elements ?? []).map(readArgument),
  }
}

/** A map of RESP3, or its flat array of RESP2. */
function fieldsOf({ elements }: Reply): Fields {
  const fields: Fields = new Map()
  for (let i = 0; i + 1 < elements.length; i += 2) fields.set(elements[i].text, elements[i + 1])
  return fields
}

/** The docs of the server, if there is one that answers, else the built-in ones. */
export async function docsOf(connection: Connection | null): Promise<readonly CommandDoc[]> {
  try {
    if (connection !== null && connection.failure === null) {
      const docs = await serverDocs(connection)
      if (docs !== null) return docs
    }
  } catch (error) {
    // Whoever uses the connection next is told that it has gone.
    if (!(error instanceof ConnectionError)) throw error
  }
  return builtInDocs()
}

/** What the server says; null if it does not know COMMAND DOCS. Rejects if it goes away. */
async function serverDocs(connection: Connection): Promise<CommandDoc[] | null> {
  const reply = await connection.call('COMMAND', 'DOCS')
  return reply.type === 'map' || reply.type === 'array' ? readCommandDocs(reply) : null
}

/** What Redstart itself has, as it would say it. */
export async function builtInDocs(): Promise<CommandDoc[]> {
  const [{ COMMANDS }, { Command }, { writeDocs }, { RespReply }] = await Promise.all([
    import('../../commands/all.ts'),
    import('../../commands/command-table.ts'),
    import('../../commands/server/command-info.ts'),
    import('../../resp/resp-reply.ts'),
  ])
  const reply = new RespReply()
  reply.protocol = 3
  reply.map(COMMANDS.length)
  for (const spec of COMMANDS) {
    const command = new Command(spec, null)
    reply.bulkText(command.fullName)
    writeDocs(reply, command)
  }
  const parser = new ReplyParser()
  parser.push(reply.bytes.subarray(0, reply.length))
  return readCommandDocs(parser.next()!)
}

/** The doc of the command that a line's words begin with, by the longest name. */
export function findDoc(docs: readonly CommandDoc[], words: readonly string[]): CommandDoc | null {
  let found: CommandDoc | null = null
  for (const doc of docs) {
    if (doc.words.length > words.length || doc.words.length <= (found?.words.length ?? 0)) continue
    if (doc.words.every((word, i) => word === words[i].toUpperCase())) found = doc
  }
  return found
}
