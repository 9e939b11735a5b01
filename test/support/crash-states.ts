/**
 * The disks that a power cut right now may leave of a simulated disk, each as a simulated disk of
 * its own on which everything is safe.
 *
 * Each thing that is uncertain is a choice out of a small number: in the `strict` model what each
 * name means (any file that it meant since its directory was last synced, or none), how long each
 * file is, and which version of each sector is there; in the `ext4` model how many of the changes
 * of names are in the journal, and how many steps of each file have come. A state is one vector of
 * choices, 0 being the oldest.
 *
 * If all vectors are no more than asked for, each is made once. If not: first the plain ones (all
 * old, all new; one thing old amid new and one new amid old), then random ones by the seed, in
 * which files are often old, new, cut or with a hole, because evenly mixed sectors alone seldom
 * come near what code gets wrong. No vector is made twice. The disk itself is not changed, and its
 * states share its bytes, so that a state costs little more than its list of names.
 */
import { posix } from 'node:path'
import { Random } from '../../src/platform/random.ts'
import { type NameChange, type Names, SimulatedDisk, type SimulatedNode } from './simulated-disk.ts'
import { type FileChoices, SimulatedContent } from './simulated-file.ts'

export type CrashModel = 'strict' | 'ext4'

export interface CrashOptions {
  model?: CrashModel
  /** At most so many states; 1000 when it isn't said. */
  count?: number
  seed?: number
}

/** One uncertain file: its choices begin at `first` of the vector. */
interface UncertainFile {
  readonly content: SimulatedContent
  readonly first: number
  readonly choiceCount: number
  build(vector: readonly number[]): Uint8Array
  /** Makes choices one that the file's length makes look alike. */
  ignoreCut(vector: number[]): void
}

/** What a crash of one disk leaves open. */
interface Uncertainty {
  /** How many values each choice has; those of names come first. */
  readonly radixes: number[]
  readonly nameChoices: number
  readonly files: UncertainFile[]
  names(vector: readonly number[]): Names
}

/** The disk of which a crash has kept as little, or as much, as it may. */
export function crash(disk: SimulatedDisk, keeps: 'least' | 'most', model?: CrashModel) {
  const uncertainty = uncertaintyOf(disk, model ?? 'strict')
  return build(
    uncertainty,
    uncertainty.radixes.map((radix) => (keeps === 'least' ? 0 : radix - 1)),
  )
}

export function* crashStates(
  disk: SimulatedDisk,
  options: CrashOptions = {},
): Generator<SimulatedDisk> {
  const { model = 'strict', count = 1000, seed = 1 } = options
  const uncertainty = uncertaintyOf(disk, model)
  const total = uncertainty.radixes.reduce((product, radix) => product * radix, 1)
  const vectors =
    total <= count ? allVectors(uncertainty.radixes) : chosenVectors(uncertainty, count, seed)
  const seen = new Set<string>()
  for (const vector of vectors) {
    if (seen.size >= count) return
    const key = ignoreUnseen(uncertainty, vector).join()
    if (seen.has(key)) continue
    seen.add(key)
    yield build(uncertainty, vector)
  }
}

function uncertaintyOf(disk: SimulatedDisk, model: CrashModel): Uncertainty {
  return model === 'strict' ? strictUncertainty(disk) : journalUncertainty(disk)
}

function strictUncertainty(disk: SimulatedDisk): Uncertainty {
  const meanings = new Map<string, (SimulatedNode | undefined)[]>()
  for (const { path, after } of disk.strictChanges) {
    const known = meanings.get(path) ?? [disk.strictNames.get(path)]
    meanings.set(path, [...known.filter((node) => node !== after), after])
  }
  const uncertain = [...meanings]
  const radixes = uncertain.map(([, nodes]) => nodes.length)
  const files: UncertainFile[] = []
  for (const content of uncertainContents(disk.strictNames, disk.strictChanges)) {
    const choices = content.choices()
    const first = radixes.length
    radixes.push(choices.lengths.length, ...choices.sectors.map((sector) => sector.versions.length))
    files.push(mixedFile(content, choices, first))
  }
  const names = (vector: readonly number[]) => {
    const chosen = new Map(disk.strictNames)
    uncertain.forEach(([path, nodes], i) => {
      setName(chosen, path, nodes[vector[i]])
    })
    return chosen
  }
  return { radixes, nameChoices: uncertain.length, files, names }
}

function mixedFile(content: SimulatedContent, choices: FileChoices, first: number): UncertainFile {
  const choiceCount = 1 + choices.sectors.length
  const build = (vector: readonly number[]) =>
    content.mixture(choices, vector[first], vector.slice(first + 1, first + choiceCount))
  const ignoreCut = (vector: number[]) => {
    const length = choices.lengths[vector[first]]
    choices.sectors.forEach(({ at, versions }, i) => {
      const seen = (bytes: Uint8Array) => bytes.subarray(0, Math.max(0, length - at))
      const chosen = seen(versions[vector[first + 1 + i]])
      const isAlike = (bytes: Uint8Array) => Buffer.compare(seen(bytes), chosen) === 0
      vector[first + 1 + i] = versions.findIndex(isAlike)
    })
  }
  return { content, first, choiceCount, build, ignoreCut }
}

function journalUncertainty(disk: SimulatedDisk): Uncertainty {
  const numbers = [...new Set(disk.unjournalled.map(({ number }) => number))]
  const radixes = [numbers.length + 1]
  const files: UncertainFile[] = []
  for (const content of uncertainContents(disk.journalledNames, disk.unjournalled)) {
    const first = radixes.length
    radixes.push(content.uncertainSteps + 1)
    const build = (vector: readonly number[]) => content.after(vector[first])
    files.push({ content, first, choiceCount: 1, build, ignoreCut: () => undefined })
  }
  const names = (vector: readonly number[]) => {
    const chosen = new Map(disk.journalledNames)
    for (const { number, path, after } of disk.unjournalled) {
      if (numbers.indexOf(number) < vector[0]) setName(chosen, path, after)
    }
    return chosen
  }
  return { radixes, nameChoices: 1, files, names }
}

function uncertainContents(names: Names, changes: NameChange[]): Set<SimulatedContent> {
  const nodes = [...names.values(), ...changes.map(({ after }) => after)]
  const contents = nodes.filter((node) => node instanceof SimulatedContent)
  return new Set(contents.filter((content) => !content.isSafe))
}

function setName(names: Names, path: string, node: SimulatedNode | undefined): void {
  if (node === undefined) names.delete(path)
  else names.set(path, node)
}

function* allVectors(radixes: number[]): Generator<number[]> {
  const vector = radixes.map(() => 0)
  for (;;) {
    yield vector.slice()
    let i = 0
    while (i < radixes.length && ++vector[i] === radixes[i]) vector[i++] = 0
    if (i === radixes.length) return
  }
}

function* chosenVectors(
  uncertainty: Uncertainty,
  count: number,
  seed: number,
): Generator<number[]> {
  const { radixes, nameChoices } = uncertainty
  const newest = radixes.map((radix) => radix - 1)
  const oldest = radixes.map(() => 0)
  yield oldest
  yield newest
  yield newest.map((choice, i) => (i < nameChoices ? choice : 0))
  yield newest.map((choice, i) => (i < nameChoices ? 0 : choice))
  for (let i = 0; i < radixes.length; i++) {
    yield newest.with(i, 0)
    if (radixes[i] > 2) yield newest.with(i, radixes[i] - 2)
    yield oldest.with(i, newest[i])
  }
  const random = new Random(seed)
  // Repetitions are passed over by the caller; a bound keeps that from going on for ever.
  for (let i = 0; i < count * 16; i++) yield randomVector(uncertainty, random)
}

function randomVector({ radixes, nameChoices, files }: Uncertainty, random: Random): number[] {
  const vector = radixes.map((radix) => random.below(radix))
  const style = random.below(3)
  if (style < 2) for (let i = 0; i < nameChoices; i++) vector[i] = style * (radixes[i] - 1)
  for (const { first, choiceCount } of files) {
    const form = random.below(4)
    if (form === 0) continue
    for (let i = first; i < first + choiceCount; i++) vector[i] = form === 1 ? 0 : radixes[i] - 1
    // A cut is the newest content with another length, a hole is an old sector amid new ones.
    if (form === 2) vector[first] = random.below(radixes[first])
    if (form === 3 && choiceCount > 1) vector[first + 1 + random.below(choiceCount - 1)] = 0
  }
  return vector
}

/** The vector without the choices that nobody could see, as those about files without a name. */
function ignoreUnseen(uncertainty: Uncertainty, vector: number[]): number[] {
  if (uncertainty.files.length === 0) return vector
  const seen = new Set(uncertainty.names(vector).values())
  const key = vector.slice()
  for (const { content, first, choiceCount, ignoreCut } of uncertainty.files) {
    if (seen.has(content)) ignoreCut(key)
    else key.fill(0, first, first + choiceCount)
  }
  return key
}

function build(uncertainty: Uncertainty, vector: number[]): SimulatedDisk {
  const names = uncertainty.names(vector)
  const files = new Map(uncertainty.files.map((file) => [file.content, file]))
  const built = new Map<SimulatedContent, SimulatedContent>()
  const disk = new SimulatedDisk()
  for (const path of [...names.keys()].sort()) {
    const node = names.get(path)!
    // What is in a directory that isn't there is lost with it; those come first in the order.
    if (!disk.isDirectory(posix.dirname(path))) continue
    if (node === 'directory') disk.putNode(path, node)
    else {
      let content = built.get(node)
      if (content === undefined) {
        content = SimulatedContent.of(files.get(node)?.build(vector) ?? node.safe)
        built.set(node, content)
      }
      disk.putNode(path, content)
    }
  }
  return disk
}
