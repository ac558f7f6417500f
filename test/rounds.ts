// How often a random test goes round: a little in every run, a lot in `npm run soak`.

/** The number of rounds for this run. */
export function rounds(counts: { readonly test: number; readonly soak: number }): number {
  return process.env['COMITY_SOAK'] === undefined ? counts.test : counts.soak
}

/** The seed of a random test: a new one each day, or the one given to repeat a failure. Print it with every failure. */
export function seedOf(name: string): string {
  return process.env['COMITY_SEED'] ?? `${name} ${new Date().toISOString().slice(0, 10)}`
}
