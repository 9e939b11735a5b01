/**
 * The command line of the server as configuration: `[file] [-] [--directive value …] [-]`.
 *
 * As in Redis 7.2, options become the text of a configuration file that is read after the file and
 * after standard input, so that errors, quoting and repetition follow the same rules. `--name` is
 * an option only when the one before it has a value: a single value may begin with `--`.
 * Informational flags (`--version`, `--help`, `--test-memory`) are the caller's.
 */
import { quoted, splitArguments } from '../bytes/quote.ts'
import { fromLatin1 } from '../bytes/text.ts'
import { encoded } from './byte-string.ts'

export interface CommandLine {
  /** The configuration file, relative to the process's directory; null without one. */
  readonly file: string | null
  readonly standardInput: boolean
  /** Lines of configuration, a byte string; empty without options. */
  readonly options: string
}

/** Reads the arguments after the program's name. Nothing is an error before the text is read. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const hasFile = argv.length > 0 && !argv[0].startsWith('-')
  let standardInput = false
  let options = ''
  let lastHasValue = true
  for (let i = hasFile ? 1 : 0; i < argv.length; i++) {
    const argument = encoded(argv[i])
    const isLast = i === argv.length - 1
    if (argument === '-' && (i === 0 || isLast)) {
      standardInput = true
    } else if (lastHasValue && argument.startsWith('--')) {
      if (options !== '') options += '\n'
      options += `${argument.slice(2)} `
      lastHasValue = splitArguments(fromLatin1(argument))?.length !== 1
      if (lastHasValue) continue
      const word = argument.toLowerCase()
      const isBare = isLast || argv[i + 1].startsWith('--')
      // A list that a script left empty: `--save` followed by nothing or by another option.
      if (word === '--save' && isBare) options += '""'
      if ((word === '--save' || word === '--sentinel') && isBare) lastHasValue = true
    } else {
      options += `${quoted(fromLatin1(argument))} `
      lastHasValue = true
    }
  }
  return { file: hasFile ? argv[0] : null, standardInput, options }
}
