// A random society of twenty members: forks, cuts, restores, and what must hold all the time. Each seed that was lived
// through is printed with what happened in it; `COMITY_SEED` repeats one that failed.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { fastFolder } from '#test/folder.ts'
import { rounds, seedsOf } from '#test/rounds.ts'
import { Society } from './society.ts'

/** Of one seed. */
const STEPS = { test: 150, ci: 200, soak: 10_000 }
/** Where so many were lived in all, everything that may happen must have happened. */
const LONG = 5000
/** After so many everything calms down and is looked at from nothing; then life goes on. */
const CHAPTER = 2500
/** Where something does not hold, its cause may lie far back. */
const FATES_SHOWN = 200

test('twenty members live at random, and nothing that must hold is ever broken', async (t) => {
  const seeds = seedsOf('society', rounds({ test: 1, soak: 20 }))
  const steps = rounds(STEPS)
  const happened: Happened = new Map()
  for (const seed of seeds) await liveThrough(t, { seed, steps, happened })
  if (seeds.length * steps < LONG) return
  for (const [name, n] of happened)
    assert.notEqual(n, 0, `in ${seeds.length * steps} steps there was none of this: ${name}`)
})

/** How often each thing was done, and how much of each was there whenever all was looked at. */
type Happened = Map<string, number>
type Life = { readonly seed: string; readonly steps: number; readonly happened: Happened }

async function liveThrough(t: TestContext, { seed, steps, happened }: Life): Promise<void> {
  using folder = fastFolder('society')
  const society = new Society(seed, folder.path)
  await using _ = society.world
  try {
    await society.begin()
    for (let lived = 0; lived < steps; lived += CHAPTER) {
      const chapter = Math.min(CHAPTER, steps - lived)
      await society.live(chapter, (n) => process.stderr.write(`${lived + n} of ${steps} steps of seed "${seed}"\n`))
      const ending = await society.end()
      t.diagnostic(`${lived + chapter} steps of seed "${seed}": ${listed(society.counts)}`)
      t.diagnostic(`in the end: ${listed(Object.entries(ending))}`)
      assert.ok(ending.given > ending.pairs / 100, 'too little was due to anybody for this to mean much')
      for (const [name, n] of Object.entries(ending)) if (typeof n === 'number') add(happened, name, n)
    }
    for (const [name, n] of society.counts) add(happened, name, n)
  } catch (error) {
    t.diagnostic(`COMITY_SEED="${seed}"; the last of ${steps} steps: ${society.diary.slice(-5).join(', ')}`)
    const fates = society.diary.filter((line) => line.startsWith('  ')).slice(-FATES_SHOWN)
    t.diagnostic(`what happened to whom:\n${fates.join('\n')}`)
    throw error
  }
}

function add(happened: Happened, name: string, n: number): void {
  happened.set(name, (happened.get(name) ?? 0) + n)
}

function listed(counts: Iterable<readonly [string, unknown]>): string {
  return [...counts].map(([name, n]) => `${name} ${String(n)}`).join(', ')
}
