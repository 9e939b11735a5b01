/**
 * The processor time of the command thread alone, apart from those of Node and V8 that work beside
 * it. Node tells only that of the whole process; Linux has it for each thread in /proc, in ticks of
 * a hundredth of a second (proc(5): fields 14 and 15 of `stat`, behind the name in parentheses).
 */
import fs from 'node:fs'

const MICROSECONDS_PER_TICK = 10_000
/** Places of the times behind the closing parenthesis. */
const USER_FIELD = 11
const SYSTEM_FIELD = 12

export interface ThreadTime {
  readonly userUs: number
  readonly systemUs: number
}

/** Null where the system does not tell. */
export function mainThreadTime(): ThreadTime | null {
  let text: string
  try {
    text = fs.readFileSync(`/proc/self/task/${process.pid}/stat`, 'latin1')
  } catch {
    return null
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    userUs: Number(fields[USER_FIELD]) * MICROSECONDS_PER_TICK,
    systemUs: Number(fields[SYSTEM_FIELD]) * MICROSECONDS_PER_TICK,
  }
}
