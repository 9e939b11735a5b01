/**
 * The prompt's line editor on a terminal: history, hints behind the cursor, completion by Tab and
 * reverse search by Ctrl-R. Node's readline has no hints and no such search, so of it only the
 * decoding of keys is used.
 *
 * The terminal stays raw for the whole session: keys that come while a command runs wait for the
 * next line, and Ctrl-C is a key like others, which the session hears of. A line longer than the
 * terminal is wide wraps; `cursorRow` is where the cursor stands, counted from the prompt's row.
 */
import readline from 'node:readline'
import { encoded } from '../../config/byte-string.ts'
import { EditLine } from './edit-line.ts'
import type { History } from './history.ts'
import type { LineInput } from './line-input.ts'
import { fitted, textWidth } from './text-width.ts'

/** What may stand from a position of the line to the cursor. */
export interface Completion {
  readonly from: number
  readonly candidates: readonly string[]
}

export interface EditorHooks {
  /** What is shown behind the line, in grey. */
  hint(line: string): string
  complete(lineToCursor: string): Promise<Completion>
  /** Ctrl-C while no line is being edited. */
  interrupt(): void
}

interface Key {
  readonly name?: string | undefined
  readonly ctrl?: boolean
  readonly meta?: boolean
  readonly sequence?: string
}

interface Search {
  query: string
  /** Index into the history of the line found, -1 for none. */
  found: number
  readonly before: string
}

const LISTED_CANDIDATES = 100

export class LineEditor implements LineInput {
  private readonly history: History
  private readonly hooks: EditorHooks
  private readonly isColored: boolean
  private readonly line = new EditLine()
  private prompt = ''
  private resolve: ((line: string | null) => void) | null = null
  private readonly waitingKeys: [string | undefined, Key][] = []
  private onKeyWaiting: (() => void) | null = null
  private isCompleting = false
  private search: Search | null = null
  private historyIndex = 0
  private draft = ''
  private cursorRow = 0
  private isShown = false
  private isRefreshDue = false

  constructor(history: History, hooks: EditorHooks, isColored: boolean) {
    this.history = history
    this.hooks = hooks
    this.isColored = isColored
    readline.emitKeypressEvents(process.stdin)
    process.stdin.setRawMode(true)
    process.stdin.on('keypress', (text: string | undefined, key: Key) => this.onKey(text, key))
    process.stdin.on('end', () => this.finish(null))
    process.stdout.on('resize', () => this.refresh())
    process.stdin.resume()
  }

  readLine(prompt: string): Promise<string | null> {
    this.prompt = prompt
    this.line.set('')
    this.search = null
    this.historyIndex = this.history.lines.length
    this.cursorRow = 0
    return new Promise((resolve) => {
      this.resolve = resolve
      this.refresh()
      this.drain()
    })
  }

  async whenInput(): Promise<void> {
    if (this.waitingKeys.length > 0) return
    await new Promise<void>((resolve) => {
      this.onKeyWaiting = resolve
    })
  }

  printAbove(text: string): void {
    this.erase()
    process.stdout.write(text)
    this.refresh()
  }

  /** Changes the prompt of the line being edited. */
  setPrompt(prompt: string): void {
    this.prompt = prompt
    this.refresh()
  }

  lend<Result>(use: () => Result): Result {
    process.stdin.setRawMode(false)
    process.stdin.pause()
    try {
      return use()
    } finally {
      process.stdin.setRawMode(true)
      process.stdin.resume()
    }
  }

  close(): void {
    process.stdin.setRawMode(false)
    process.stdin.destroy()
  }

  private onKey(text: string | undefined, key: Key): void {
    if (this.resolve === null || this.isCompleting) {
      if (key.ctrl && key.name === 'c') {
        if (!this.isCompleting) this.hooks.interrupt()
        return
      }
      this.waitingKeys.push([text, key])
      const wake = this.onKeyWaiting
      this.onKeyWaiting = null
      wake?.()
      return
    }
    this.press(text, key)
  }

  private drain(): void {
    while (this.resolve !== null && !this.isCompleting && this.waitingKeys.length > 0) {
      const [text, key] = this.waitingKeys.shift()!
      this.press(text, key)
    }
  }

  private press(text: string | undefined, key: Key): void {
    if (this.search !== null && this.pressInSearch(text, key)) return
    const { name } = key
    if (name === 'return' || name === 'enter') return this.finish(this.line.text)
    if (name === 'tab') return void this.completeLine()
    if (key.ctrl) this.pressControl(name)
    else if (key.meta) this.pressMeta(name)
    else if (!this.pressNamed(name) && text !== undefined && !/[\x00-\x1f\x7f]/.test(text)) {
      this.line.insert(text)
    }
    this.refreshSoon()
  }

  /** Once for all keys that came together, as when a text is pasted. */
  private refreshSoon(): void {
    if (this.isRefreshDue) return
    this.isRefreshDue = true
    queueMicrotask(() => {
      this.isRefreshDue = false
      this.refresh()
    })
  }

  private pressNamed(name: string | undefined): boolean {
    const { line } = this
    switch (name) {
      case 'backspace':
        line.deleteLeft()
        return true
      case 'delete':
        line.deleteRight()
        return true
      case 'left':
        line.left()
        return true
      case 'right':
        line.right()
        return true
      case 'home':
        line.cursor = 0
        return true
      case 'end':
        line.cursor = line.text.length
        return true
      case 'up':
        this.recall(-1)
        return true
      case 'down':
        this.recall(1)
        return true
      default:
        return false
    }
  }

  private pressControl(name: string | undefined): void {
    const { line } = this
    switch (name) {
      case 'a':
        line.cursor = 0
        break
      case 'e':
        line.cursor = line.text.length
        break
      case 'b':
        line.left()
        break
      case 'f':
        line.right()
        break
      case 'h':
        line.deleteLeft()
        break
      case 'd':
        if (line.text === '') this.finish(null)
        else line.deleteRight()
        break
      case 'c':
        // The first one lets go of the line, the next one of the session.
        if (line.text === '') this.finish(null)
        else this.abandon()
        break
      case 'k':
        line.cutToEnd()
        break
      case 'u':
        line.cutToStart()
        break
      case 'w':
        line.cutBlankWordLeft()
        break
      case 'y':
        line.paste()
        break
      case 't':
        line.transpose()
        break
      case 'l':
        this.clearScreen()
        break
      case 'p':
        this.recall(-1)
        break
      case 'n':
        this.recall(1)
        break
      case 'left':
        line.wordLeft()
        break
      case 'right':
        line.wordRight()
        break
      case 'r':
        this.search = { query: '', found: -1, before: line.text }
        break
    }
  }

  private pressMeta(name: string | undefined): void {
    const { line } = this
    if (name === 'b' || name === 'left') line.wordLeft()
    else if (name === 'f' || name === 'right') line.wordRight()
    else if (name === 'd') line.cutWordRight()
    else if (name === 'backspace') line.cutWordLeft()
  }

  /** @returns whether the key was for the search */
  private pressInSearch(text: string | undefined, key: Key): boolean {
    const search = this.search!
    if (key.ctrl && key.name === 'r') this.find(search.found - 1)
    else if (key.name === 'backspace' || (key.ctrl && key.name === 'h')) {
      search.query = search.query.slice(0, -1)
      this.find(this.history.lines.length - 1)
    } else if (key.ctrl && (key.name === 'g' || key.name === 'c')) {
      this.search = null
      this.line.set(search.before)
    } else if (!key.ctrl && !key.meta && text !== undefined && !/[\x00-\x1f\x7f]/.test(text)) {
      search.query += text
      this.find(this.history.lines.length - 1)
    } else {
      // Any other key ends the search with what was found, and does what it does.
      this.search = null
      if (key.name === 'escape') this.refresh()
      return key.name === 'escape'
    }
    this.refresh()
    return true
  }

  /** Looks for the query in the history, from an index towards older lines. */
  private find(from: number): void {
    const search = this.search!
    const begin = search.found < 0 && from < 0 ? this.history.lines.length - 1 : from
    for (let i = begin; i >= 0; i--) {
      if (!this.history.lines[i].includes(search.query)) continue
      search.found = i
      this.line.set(this.history.lines[i])
      return
    }
  }

  private recall(step: number): void {
    const { lines } = this.history
    if (this.historyIndex === lines.length) this.draft = this.line.text
    const index = Math.min(lines.length, Math.max(0, this.historyIndex + step))
    this.historyIndex = index
    this.line.set(index === lines.length ? this.draft : lines[index])
  }

  private abandon(): void {
    this.line.cursor = this.line.text.length
    this.refresh(false)
    process.stdout.write('^C\n')
    this.line.set('')
    this.cursorRow = 0
  }

  private finish(line: string | null): void {
    const { resolve } = this
    if (resolve === null) return
    this.search = null
    this.line.cursor = this.line.text.length
    this.refresh(false)
    process.stdout.write('\n')
    this.isShown = false
    this.resolve = null
    resolve(line === null ? null : encoded(line))
  }

  clearScreen(): void {
    process.stdout.write('\x1b[H\x1b[2J')
    this.cursorRow = 0
  }

  private async completeLine(): Promise<void> {
    this.isCompleting = true
    try {
      const { from, candidates } = await this.hooks.complete(
        this.line.text.slice(0, this.line.cursor),
      )
      this.offer(from, candidates)
    } finally {
      this.isCompleting = false
      this.refresh()
      this.drain()
    }
  }

  private offer(from: number, candidates: readonly string[]): void {
    if (candidates.length === 0) {
      process.stdout.write('\x07')
      return
    }
    const typed = this.line.text.slice(from, this.line.cursor)
    if (candidates.length === 1) return this.line.replaceFrom(from, `${candidates[0]} `)
    const shared = sharedStart(candidates)
    if (shared.length > typed.length) return this.line.replaceFrom(from, shared)
    this.erase()
    process.stdout.write(`${this.prompt}${this.line.text}\n${columns(candidates)}`)
  }

  /** Removes the line from the screen; what follows is written where the prompt stood. */
  private erase(): void {
    if (!this.isShown) return
    if (this.cursorRow > 0) process.stdout.write(`\x1b[${this.cursorRow}A`)
    process.stdout.write('\r\x1b[J')
    this.cursorRow = 0
    this.isShown = false
  }

  private refresh(withHint = true): void {
    if (this.resolve === null) return
    const width = Math.max(process.stdout.columns || 80, 20)
    const prompt =
      this.search === null ? this.prompt : `(reverse-i-search)\`${this.search.query}': `
    const promptWidth = textWidth(prompt.replace(/\x1b\[[\d;]*m/g, ''))
    const { text, cursor } = this.line
    const endWidth = promptWidth + textWidth(text)
    const cursorWidth = promptWidth + textWidth(text.slice(0, cursor))
    let hint = ''
    if (withHint && this.search === null && cursor === text.length) {
      hint = fitted(this.hooks.hint(text), width - 1 - (endWidth % width))
    }
    this.erase()
    let shown = prompt + text
    if (hint !== '') shown += this.isColored ? `\x1b[90m${hint}\x1b[0m` : hint
    // At the edge a terminal waits with the cursor on the last column: it is told to go on.
    if (hint === '' && endWidth > 0 && endWidth % width === 0) shown += '\n'
    const lastRow = Math.floor((endWidth + textWidth(hint)) / width)
    const row = Math.floor(cursorWidth / width)
    if (lastRow > row) shown += `\x1b[${lastRow - row}A`
    const column = cursorWidth % width
    shown += column === 0 ? '\r' : `\r\x1b[${column}C`
    process.stdout.write(shown)
    this.cursorRow = row
    this.isShown = true
  }
}

function sharedStart(texts: readonly string[]): string {
  let shared = texts[0]
  for (const text of texts) {
    while (!text.toLowerCase().startsWith(shared.toLowerCase())) shared = shared.slice(0, -1)
  }
  return shared
}

/** Candidates side by side, as many as fit, in the order of their columns. */
function columns(candidates: readonly string[]): string {
  const shown = candidates.slice(0, LISTED_CANDIDATES)
  const width = Math.max(...shown.map(textWidth)) + 2
  const count = Math.max(1, Math.floor((process.stdout.columns || 80) / width))
  const rows = Math.ceil(shown.length / count)
  let text = ''
  for (let row = 0; row < rows; row++) {
    const cells = shown.filter((_, i) => i % rows === row)
    text += `${cells
      .map((cell) => cell + ' '.repeat(width - textWidth(cell)))
      .join('')
      .trimEnd()}\n`
  }
  const more = candidates.length - shown.length
  return more > 0 ? `${text}(and ${more} more)\n` : text
}
