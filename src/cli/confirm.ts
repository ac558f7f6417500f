// A question to the person at the terminal. Without a terminal there is nobody to say yes.
import { createInterface } from 'node:readline/promises'
import { Fault } from '#kernel/fault.ts'

/** Returns where the person says yes; throws where not, or where nobody can be asked. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new Fault('input.invalid', `${question} Nobody is here to ask; nothing was changed`, {
      place: 'the command line',
      remedy: 'Look at it, then add --yes.',
    })
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    if (/^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())) return
  } finally {
    lines.close()
  }
  throw new Fault('input.invalid', 'nothing was changed', { place: 'the answer' })
}
