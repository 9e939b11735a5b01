/** Skip lists whose nodes change places, by one descent after the other and by two in turn. */
import { describe, expect, test } from 'vitest'
import { type Address, Arena, NULL } from '../../../src/arena/arena.ts'
import { Dict } from '../../../src/arena/dict.ts'
import { Random } from '../../../src/platform/random.ts'
import { NODE_HEADER_BYTES, SkipList } from '../../../src/types/skip-list.ts'
import { checkSkipList, freeSkipList } from '../../../src/types/skip-list-copy.ts'

const MEMBERS = 300
const CHANGES = 1500
/** Few, so that many members have the same. */
const SCORES = 40

describe.each([
  ['one after the other', MEMBERS + 1],
  ['in turn', 0],
  ['in turn or not, by the length', MEMBERS >> 1],
])('descents %s', (_, cachedNodes) => {
  test('bring nodes to the places that their new scores have', () => {
    const arena = new Arena({ debug: true })
    const dict = new Dict(arena, { headerBytes: NODE_HEADER_BYTES, hashKey0: 1, hashKey1: 2 })
    const random = new Random(3)
    const list = new SkipList(arena, dict, random, cachedNodes)
    const root = list.create()
    const model: { node: Address; name: string; score: number }[] = []
    for (let i = 0; i < MEMBERS + CHANGES; i++) {
      const score = random.below(SCORES)
      if (model.length < MEMBERS && i % 3 !== 0) {
        const name = `member ${i}`
        model.push({ node: insert(list, root, score, name), name, score })
      } else if (model.length > 0) {
        const changed = model[random.below(model.length)]!
        list.setScore(root, changed.node, score)
        changed.score = score
      }
      if (i % 10 === 0) checkSkipList(list, root)
    }
    checkSkipList(list, root)
    model.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1))
    const nodes: Address[] = []
    for (let node = list.first(root); node !== NULL; node = list.forward(node)) nodes.push(node)
    expect(nodes).toEqual(model.map(({ node }) => node))
    expect(nodes.map((node) => list.rankOf(root, node))).toEqual(nodes.map((_, rank) => rank))
    freeSkipList(list, root)
    arena.check()
    expect(arena.liveBytes).toBe(0)
  })
})

function insert(list: SkipList, root: Address, score: number, name: string): Address {
  const bytes = new Uint8Array(Buffer.from(name, 'latin1'))
  const view = new DataView(bytes.buffer)
  const hash = list.dict.hash(bytes, view, 0, bytes.length)
  const node = list.insert(root, hash, score, bytes, view, 0, bytes.length)
  expect(node).not.toBe(NULL)
  return node
}
