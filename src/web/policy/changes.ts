// What changed between two texts, line by line: the longest lines in common stay, the rest came or went.

export type Line = { readonly kind: 'same' | 'came' | 'went'; readonly text: string }

/** Beyond this many pairs of lines that could be the same, texts are told apart as a whole. */
const PAIRS_MAX = 4_000_000

export function changesBetween(before: string, after: string): Line[] {
  const [old, young] = [linesOf(before), linesOf(after)]
  let head = 0
  while (head < old.length && head < young.length && old[head] === young[head]) head += 1
  let tail = 0
  while (tail < Math.min(old.length, young.length) - head && old.at(-1 - tail) === young.at(-1 - tail)) tail += 1
  const same = (texts: readonly string[]): Line[] => texts.map((text) => ({ kind: 'same', text }))
  return [
    ...same(young.slice(0, head)),
    ...middle(old.slice(head, old.length - tail), young.slice(head, young.length - tail)),
    ...same(young.slice(young.length - tail)),
  ]
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'))

function middle(old: readonly string[], young: readonly string[]): Line[] {
  const went = (text: string): Line => ({ kind: 'went', text })
  const came = (text: string): Line => ({ kind: 'came', text })
  if (old.length * young.length > PAIRS_MAX) return [...old.map(went), ...young.map(came)]
  const shared = sharedBelow(old, young)
  const width = young.length + 1
  const lines: Line[] = []
  for (let i = 0, j = 0; i < old.length || j < young.length;) {
    const [gone, next] = [old[i], young[j]]
    if (gone !== undefined && gone === next) {
      lines.push({ kind: 'same', text: gone })
      i += 1
      j += 1
    } else if (
      next === undefined ||
      (gone !== undefined && (shared[(i + 1) * width + j] ?? 0) >= (shared[i * width + j + 1] ?? 0))
    ) {
      lines.push(went(gone ?? ''))
      i += 1
    } else {
      lines.push(came(next))
      j += 1
    }
  }
  return lines
}

/** How many lines the rests of both have in common, for each pair of rests. */
function sharedBelow(old: readonly string[], young: readonly string[]): Uint32Array {
  const width = young.length + 1
  const shared = new Uint32Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = young.length - 1; j >= 0; j -= 1)
      shared[i * width + j] =
        old[i] === young[j]
          ? (shared[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(shared[(i + 1) * width + j] ?? 0, shared[i * width + j + 1] ?? 0)
  return shared
}
