/**
 * Calls of another thread: requests in RESP, one behind the other, answered by RESP. They are
 * parsed where they lie, and the replies gather behind each other until they are taken.
 */
import type { Command } from '../commands/command-table.ts'
import { wrongNumberOfArguments } from '../commands/errors.ts'
import { Args } from '../resp/args.ts'
import { COMPLETE, RequestParser } from '../resp/request-parser.ts'
import { RespReply } from '../resp/resp-reply.ts'
import { unknownCommand } from '../server/refusals.ts'
import type { Server } from '../server/server.ts'
import type { Session } from '../server/session.ts'
import { checkCallable } from './call.ts'
import { type CallReply, CommandRunner } from './command-runner.ts'
import { viewOf } from './reply-decoder.ts'
import { StoreError } from './store-error.ts'
import { textOfLatin1 } from './value-text.ts'

const MAX_BULK_BYTES = 2 ** 31 - 1

class PortReply extends RespReply implements CallReply {
  override protocol: 2 | 3 = 3
  failure: string | null = null
  /** Where the reply of the call begins. */
  private start = 0

  /** Begins the reply of a call, behind those before it. */
  begin(): void {
    this.start = this.length
    this.failure = null
  }

  takeBack(): void {
    this.truncate(this.start)
    this.failure = null
  }

  override error(text: string): void {
    if (this.length === this.start) this.failure = text
    super.error(text)
  }

  /** Passed over by who reads, as an attribute is: a call has one reply, and they are counted. */
  override push(count: number): void {
    this.attribute(count / 2)
  }

  /** All replies so far, in memory of their own. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.bytes.subarray(0, this.length))
    this.clear()
    return taken
  }
}

export class PortCalls extends CommandRunner<PortReply> {
  private readonly parser = new RequestParser()
  private byteLength = 0

  constructor(server: Server, session: Session) {
    super(server, session, new Args(), new PortReply())
  }

  /** Points to whole requests, for `next` to go through. */
  open(bytes: Uint8Array): void {
    const { args, parser } = this
    args.bytes = bytes
    args.view = viewOf(bytes)
    parser.position = 0
    this.byteLength = bytes.length
  }

  /** Has `args` hold the next request. @returns whether there is one */
  next(): boolean {
    return this.parser.next(this.args, this.byteLength, MAX_BULK_BYTES, true) === COMPLETE
  }

  /** The command of the request. @throws StoreError if it cannot be called */
  resolve(): Command {
    const { args, server } = this
    let command = server.commands.find(args)
    if (command !== null && command.subcommands !== null && args.count > 1) {
      command = command.subcommands.get(args.word(1).toLowerCase()) ?? null
    }
    if (command === null) throw new StoreError(textOfLatin1(unknownCommand(server, args).text))
    checkCallable(command)
    return command
  }

  /** Answers what was thrown in place of whatever the call has written. */
  fail(error: unknown): void {
    const { reply } = this
    const text = error instanceof StoreError ? error.message : `ERR ${(error as Error).message}`
    reply.takeBack()
    reply.error(Buffer.from(text).toString('latin1'))
  }

  /** Runs the commands of a transaction, as EXEC does, and writes their replies. */
  execute(bytes: Uint8Array): void {
    const { reply, server, session } = this
    const { isDirty } = session
    let count = 0
    try {
      // What cannot be is found before anything is done.
      for (this.open(bytes); this.next(); count++) this.checkQueued()
    } finally {
      // As with EXEC, nothing is watched any more, however this ends.
      server.transactions.discard(session)
    }
    if (isDirty) return reply.nil()
    const start = reply.length
    try {
      this.unit(() => {
        reply.array(count)
        for (this.open(bytes); this.next(); ) {
          reply.begin()
          this.run(this.resolve())
        }
      })
    } catch (error) {
      reply.truncate(start)
      reply.begin()
      throw error
    }
  }

  private checkQueued(): void {
    const command = this.resolve()
    const { count } = this.args
    if (!command.takes(count)) throw new StoreError(wrongNumberOfArguments(command.fullName).text)
  }
}
