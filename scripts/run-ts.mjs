/**
 * Runs one TypeScript file of bench/ or scripts/: `node scripts/run-ts.mjs bench/bench.ts [args …]`.
 *
 * Node 20 does not run TypeScript, so the file is compiled, with all that it imports, to
 * dist-tools/ and imported from there. What is measured is thereby the compiler's plain output, as
 * in a release. The file's own URL lies in dist-tools/, so programs find the repository's files
 * from the working directory, which is always the repository's root.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compile, root } from './build.mjs'
import { prepare } from './prepare.mjs'

const [source, ...args] = process.argv.slice(2)
if (source === undefined || !source.endsWith('.ts')) {
  process.stderr.write('usage: node scripts/run-ts.mjs <file.ts> [args …]\n')
  process.exit(1)
}

prepare()
if (!compile('tsconfig.tools.json')) process.exit(1)
process.chdir(root)
const program = join(root, 'dist-tools', source.replace(/\.ts$/, '.js'))
process.argv = [process.argv[0], program, ...args]
await import(pathToFileURL(program).href)
