// Input of any size out of the ATT&CK bundle: the same objects again with new ids, one a line, so that a million of
// them is as real as the first 24,772.
import { createHash } from 'node:crypto'
import { createWriteStream, readFileSync } from 'node:fs'
import { finished } from 'node:stream/promises'

export type StixObject = { readonly type: string; readonly id: string }

export function readObjects(bundle: string): StixObject[] {
  return (JSON.parse(readFileSync(bundle, 'utf8')) as { objects: StixObject[] }).objects
}

/**
 * Writes `count` objects from position `from` of the endless input, behind the marking definitions they refer to: without
 * those their markings would be unknown, and they would go to nobody.
 */
export async function writeObjects(
  path: string,
  objects: readonly StixObject[],
  { from, count }: { readonly from: number; readonly count: number },
): Promise<void> {
  const texts = objects.filter(({ type }) => type !== 'marking-definition').map((object) => JSON.stringify(object))
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  for (const object of objects) if (object.type === 'marking-definition') file.write(`${JSON.stringify(object)}\n`)
  for (let i = from; i < from + count; i += 1) {
    const text = texts[i % texts.length] as string
    if (!file.write(`${renewed(text, Math.floor(i / texts.length))}\n`))
      await new Promise((resolve) => file.once('drain', resolve))
  }
  file.end()
  await finished(file)
}

const UUID = /(?<!marking-definition)--([0-9a-f]{8}-[0-9a-f]{4}-)[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12})/g

/** The same object in another round of the input: its ids and those it refers to, changed alike. */
export function renewed(text: string, round: number): string {
  if (round === 0) return text
  const part = createHash('sha256').update(`round ${round}`).digest('hex')
  const middle = `4${part.slice(0, 3)}-8${part.slice(3, 6)}`
  return text.replaceAll(UUID, (_whole, head: string, tail: string) => `--${head}${middle}-${tail}`)
}
