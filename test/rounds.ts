// How often a random test goes round: a little in every run, more before a change is taken in (`CI` is set), a lot in
// `npm run soak`.

/** The number of rounds for this run. */
export function rounds(counts: { readonly test: number; readonly ci?: number; readonly soak: number }): number {
  if (process.env['COMITY_SOAK'] !== undefined) return counts.soak
  return process.env['CI'] === undefined ? counts.test : (counts.ci ?? counts.test)
}

/** The seed of a random test: a new one each day, or the one given to repeat a failure. Print it with every failure. */
export function seedOf(name: string): string {
  return process.env['COMITY_SEED'] ?? `${name} ${new Date().toISOString().slice(0, 10)}`
}

/** So many seeds, of which a test runs each; the one given alone to repeat a failure. */
export function seedsOf(name: string, count: number): string[] {
  if (process.env['COMITY_SEED'] !== undefined) return [process.env['COMITY_SEED']]
  return Array.from({ length: count }, (_, i) => `${seedOf(name)} ${i}`)
}
