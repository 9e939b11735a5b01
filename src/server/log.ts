/**
 * The server's log, in Redis's format: process, role, local time to the millisecond, level, text.
 *
 * It goes to standard output, or to the file that `logfile` names, which is opened anew for each
 * line so that it may be moved away at any time. A line that cannot be written is lost: there is
 * nowhere to say so, and serving goes on.
 */
import type { Clock } from '../platform/clock.ts'
import type { Files } from '../platform/files.ts'

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing'

/** Who writes: a process that has not become a server yet, a master, a replica, a child. */
export type LogRole = 'C' | 'M' | 'S'

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning', 'nothing']
/** Redis cuts lines here as well. */
const LINE_MAX_CHARACTERS = 1023
/** All but the tab. */
const CONTROL_CHARACTERS = /[^\P{Cc}\t]/gu
const MARKS = ['.', '-', '*', '#']
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export class Log {
  level: LogLevel = 'notice'
  /** Path of the log file, '' for standard output. */
  path = ''
  role: LogRole = 'M'
  /** Told of each warning, whatever the level of the log. */
  warningListener: ((text: string) => void) | null = null
  private readonly clock: Clock
  private readonly files: Files
  private readonly print: (line: string) => void

  /** @param print where lines go that go to no file */
  constructor(clock: Clock, files: Files, print: (line: string) => void) {
    this.clock = clock
    this.files = files
    this.print = print
  }

  /** Whether lines of this level are written at all, for texts that cost something to make. */
  has(level: LogLevel): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.level)
  }

  write(level: LogLevel, text: string): void {
    if (level === 'warning') this.warningListener?.(text)
    if (!this.has(level)) return
    const time = formatTime(new Date(Math.floor(this.clock.unixMicroseconds() / 1000)))
    const mark = MARKS[LEVELS.indexOf(level)]
    this.append(`${process.pid}:${this.role} ${time} ${mark} ${oneLine(text)}\n`)
  }

  /** Writes text as it is, with neither time nor end of line. */
  writeRaw(level: LogLevel, text: string): void {
    if (this.has(level)) this.append(text)
  }

  private append(text: string): void {
    if (this.path === '') return this.print(text)
    try {
      this.files.appendFile(this.path, Buffer.from(text, 'utf8'))
    } catch {
      // See above: a full disk must not end the server.
    }
  }
}

/** A text as one line, so that what clients have a part in cannot look like lines of its own. */
function oneLine(text: string): string {
  const shown = text.length > LINE_MAX_CHARACTERS ? text.slice(0, LINE_MAX_CHARACTERS) : text
  return shown.replace(CONTROL_CHARACTERS, (character) => {
    return character === '\n'
      ? '\\n'
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

function formatTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
