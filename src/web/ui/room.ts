// Room for words in a drawing: how wide they are, about, and whether another one has the room already.

export type Size = { readonly width: number; readonly height: number }
export type Box = readonly [left: number, top: number, right: number, bottom: number]

/** Takes the room; false where somebody has some of it. */
export function claim(taken: Box[], box: Box): boolean {
  if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]))
    return false
  taken.push(box)
  return true
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu

/** Pixels that a line of text takes at most, in letters of `size` pixels; Chinese and its like are square. */
export function roomOf(text: string, size = 12): number {
  const wide = text.match(WIDE)?.length ?? 0
  return (wide + (text.length - wide) * 0.56) * size
}
