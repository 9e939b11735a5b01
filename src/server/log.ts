/**
 * The server's log, in Redis's format: process, role, local time to the millisecond, level, text.
 *
 * It goes to standard output, or to the file that `logfile` names, which is opened anew for each
 * line so that it may be moved away at any time.
 */
import type { Clock } from '../platform/clock.ts'
import type { Files } from '../platform/files.ts'

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing'

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning', 'nothing']
const MARKS = ['.', '-', '*', '#']
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export class Log {
  level: LogLevel = 'notice'
  /** Path of the log file, '' for standard output. */
  path = ''
  private readonly clock: Clock
  private readonly files: Files
  private readonly print: (line: string) => void

  /** @param print where lines go that go to no file */
  constructor(clock: Clock, files: Files, print: (line: string) => void) {
    this.clock = clock
    this.files = files
    this.print = print
  }

  write(level: LogLevel, text: string): void {
    const rank = LEVELS.indexOf(level)
    if (rank < LEVELS.indexOf(this.level)) return
    const time = formatTime(new Date(Math.floor(this.clock.unixMicroseconds() / 1000)))
    const line = `${process.pid}:M ${time} ${MARKS[rank]} ${text}\n`
    if (this.path === '') this.print(line)
    else this.files.appendFile(this.path, Buffer.from(line, 'utf8'))
  }
}

function formatTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
