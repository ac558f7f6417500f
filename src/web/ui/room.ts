// Room for words in a drawing: how wide they are, about, and whether another one has the room already.
import { plainText } from './harmless.ts'

export type Size = { readonly width: number; readonly height: number }
export type Box = readonly [left: number, top: number, right: number, bottom: number]

/** Takes the room; false where somebody has some of it. */
export function claim(taken: Box[], box: Box): boolean {
  if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]))
    return false
  taken.push(box)
  return true
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

/** Pixels that a line of text takes at most, in letters of `size` pixels; Chinese and its like are square. */
export function roomOf(text: string, size = 12): number {
  let ems = 0
  for (const character of text) ems += emsOf(character)
  return ems * size
}

const LETTER_EMS = 0.56

function emsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0
  if (character.search(WIDE) === 0 || /\p{Extended_Pictographic}/u.test(character)) return 1
  if (/[MWmw@%…—]/.test(character)) return 0.92
  return /\p{Lu}/u.test(character) ? 0.62 : LETTER_EMS
}

/** A text for a drawing, where nothing breaks a line: harmless, and cut where it takes more room than so many letters do. */
export function drawnText(text: string, letters: number): string {
  const plain = plainText(text, letters)
  const most = letters * LETTER_EMS
  let ems = 0
  let end = 0
  for (const character of plain) {
    ems += emsOf(character)
    if (ems > most + 1) return `${plain.slice(0, end).trimEnd()}…`
    if (ems <= most) end += character.length
  }
  return plain
}
