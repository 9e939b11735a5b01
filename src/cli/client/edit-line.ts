/**
 * A line that is being edited, apart from any terminal: its text, the cursor, what was cut. Keys
 * are Emacs's, as readline has them. Positions are indices into the text, between characters.
 */

const WORD = /[\p{L}\p{N}_]/u

export class EditLine {
  text = ''
  cursor = 0
  private cut = ''

  set(text: string, cursor = text.length): void {
    this.text = text
    this.cursor = cursor
  }

  insert(text: string): void {
    this.text = this.text.slice(0, this.cursor) + text + this.text.slice(this.cursor)
    this.cursor += text.length
  }

  /** Replaces what stands between a position and the cursor. */
  replaceFrom(from: number, text: string): void {
    this.text = this.text.slice(0, from) + text + this.text.slice(this.cursor)
    this.cursor = from + text.length
  }

  left(): void {
    this.cursor = this.before(this.cursor)
  }

  right(): void {
    this.cursor = this.after(this.cursor)
  }

  wordLeft(): void {
    this.cursor = this.wordBefore()
  }

  wordRight(): void {
    this.cursor = this.wordAfter()
  }

  deleteLeft(): void {
    this.replaceFrom(this.before(this.cursor), '')
  }

  deleteRight(): void {
    this.text = this.text.slice(0, this.cursor) + this.text.slice(this.after(this.cursor))
  }

  /** Cuts back to the blank before the word. */
  cutBlankWordLeft(): void {
    const head = this.text.slice(0, this.cursor).replace(/\S+\s*$/, '')
    this.cutBetween(head.length, this.cursor)
  }

  cutWordLeft(): void {
    this.cutBetween(this.wordBefore(), this.cursor)
  }

  cutWordRight(): void {
    this.cutBetween(this.cursor, this.wordAfter())
  }

  cutToStart(): void {
    this.cutBetween(0, this.cursor)
  }

  cutToEnd(): void {
    this.cutBetween(this.cursor, this.text.length)
  }

  paste(): void {
    this.insert(this.cut)
  }

  /** Exchanges the characters around the cursor. */
  transpose(): void {
    if (this.text.length < 2 || this.cursor === 0) return
    const middle = this.cursor === this.text.length ? this.before(this.cursor) : this.cursor
    const begin = this.before(middle)
    const end = this.after(middle)
    const swapped = this.text.slice(middle, end) + this.text.slice(begin, middle)
    this.text = this.text.slice(0, begin) + swapped + this.text.slice(end)
    this.cursor = end
  }

  private cutBetween(begin: number, end: number): void {
    if (begin === end) return
    this.cut = this.text.slice(begin, end)
    this.text = this.text.slice(0, begin) + this.text.slice(end)
    this.cursor = begin
  }

  private before(position: number): number {
    const last = [...this.text.slice(Math.max(0, position - 2), position)].at(-1)
    return position - (last?.length ?? 0)
  }

  private after(position: number): number {
    const code = this.text.codePointAt(position)
    return code === undefined ? position : position + (code > 0xffff ? 2 : 1)
  }

  private wordBefore(): number {
    let at = this.cursor
    while (at > 0 && !WORD.test(this.text[at - 1])) at--
    while (at > 0 && WORD.test(this.text[at - 1])) at--
    return at
  }

  private wordAfter(): number {
    let at = this.cursor
    while (at < this.text.length && !WORD.test(this.text[at])) at++
    while (at < this.text.length && WORD.test(this.text[at])) at++
    return at
  }
}
