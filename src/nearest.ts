// What somebody probably meant who typed a name that there is not.

/** The known name with the fewest edits from what was typed. */
export function nearest(typed: string, known: readonly string[]): string {
  return known.toSorted((a, b) => editDistance(typed, a) - editDistance(typed, b))[0] ?? ''
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    row = next
  }
  return row[b.length] ?? 0
}
