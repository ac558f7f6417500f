// A random society of twenty members: forks, cuts, restores, and what must hold all the time. `COMITY_SEED` repeats a
// failure.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fastFolder } from '#test/folder.ts'
import { rounds, seedOf } from '#test/rounds.ts'
import { Society } from './society.ts'

/** Of one seed. */
const STEPS = { test: 150, ci: 500, soak: 10_000 }

test('twenty members live at random, and nothing that must hold is ever broken', async (t) => {
  const seeds = rounds({ test: 1, soak: 20 })
  for (let i = 0; i < seeds; i += 1) {
    const seed = seeds === 1 ? seedOf('society') : `${seedOf('society')} ${i}`
    using folder = fastFolder('society')
    const society = new Society(seed, folder.path)
    await using _ = society.world
    try {
      await society.begin()
      await society.live(rounds(STEPS))
      const { pairs, due, forksKnown } = await society.end()
      assert.ok(due > pairs / 50, 'too little was due to anybody for this to mean much')
      t.diagnostic(`seed ${seed}: ${pairs} pairs of record and member, ${due} due, ${forksKnown} pairs proved a fork`)
      t.diagnostic([...society.counts].map(([name, n]) => `${name} ${n}`).join(', '))
    } catch (error) {
      t.diagnostic(`COMITY_SEED="${seed}"; the last steps: ${society.diary.slice(-5).join(', ')}`)
      throw error
    }
  }
})
