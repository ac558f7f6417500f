// What stands in a bundle and in which order, as it streams by. Whoever reads one, a node or a person's command, goes
// through here: a file that is not of the grammar, stands twice or out of order ends the reading.
import { Compile } from 'typebox/compile'
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import { parseTilePath } from '#kernel/log/tile.ts'
import { readTar } from '#kernel/tar.ts'
import { EndShape, ManifestShape, type BundleEnd, type Manifest } from './wire.ts'

/** The sections in the order of the file; within one, the numbers ascend. */
const SECTIONS = [
  'manifest',
  'document',
  'proof',
  'signature',
  'checkpoint',
  'tile',
  'entries',
  'deliveries',
  'stream',
  'head',
  'answer',
  'end',
] as const
export type Section = (typeof SECTIONS)[number]

export const FILES = {
  manifest: 'manifest.json',
  document: 'node.json',
  proof: 'node.proof.json',
  signature: 'manifest.sig',
  checkpoint: 'checkpoint',
  stream: 'deliveries/head',
  cosignature: 'answers/cosignature',
  end: 'end.json',
} as const

export function deliveriesName(first: number, last: number): string {
  return `deliveries/${first}-${last}`
}

export function headName(originHash: Uint8Array): string {
  return `heads/${originHash.toHex()}`
}

export type Member = {
  readonly section: Section
  readonly name: string
  readonly bytes: Uint8Array
  /** Level and number of a tile, number of an entry bundle, first and last item of a page; else empty. */
  readonly numbers: readonly number[]
}

const FIXED: Readonly<Record<string, Section>> = {
  [FILES.manifest]: 'manifest',
  [FILES.document]: 'document',
  [FILES.proof]: 'proof',
  [FILES.signature]: 'signature',
  [FILES.checkpoint]: 'checkpoint',
  [FILES.stream]: 'stream',
  [FILES.cosignature]: 'answer',
  [FILES.end]: 'end',
}

/** Where a name belongs, or undefined where it is none of a bundle's. */
export function parseName(name: string): Pick<Member, 'section' | 'numbers'> | undefined {
  const fixed = FIXED[name]
  if (fixed !== undefined) return { section: fixed, numbers: [] }
  const tile = name.startsWith('tile/') ? parseTilePath(name) : undefined
  if (tile?.level === 'entries') return { section: 'entries', numbers: [tile.index] }
  if (tile !== undefined) return { section: 'tile', numbers: [tile.level as number, tile.index] }
  const [, first, last] = /^deliveries\/([1-9][0-9]{0,14})-([1-9][0-9]{0,14})$/.exec(name) ?? []
  if (first !== undefined) return { section: 'deliveries', numbers: [Number(first), Number(last)] }
  return /^heads\/[0-9a-f]{64}$/.test(name) ? { section: 'head', numbers: [] } : undefined
}

/** The files of a bundle, one at a time, with a look at the next. */
export class Members {
  readonly #tar: AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }>
  #next: Member | undefined
  #last: Pick<Member, 'section' | 'name' | 'numbers'> | undefined
  count = 0

  /** `unpacked` is the archive itself. */
  constructor(unpacked: AsyncIterable<Uint8Array>) {
    this.#tar = readTar(unpacked, {
      memberBytesMax: LIMITS.bundleMemberBytesMax,
      membersMax: LIMITS.bundleMembersMax,
    })
  }

  /** The next file without taking it; undefined at the end. */
  async peek(): Promise<Member | undefined> {
    if (this.#next !== undefined) return this.#next
    const step = await this.#tar.next()
    if (step.done === true) return undefined
    this.count += 1
    const { name, bytes } = step.value
    const parsed = parseName(name)
    if (parsed === undefined) throw outOfOrder(`it holds “${name}”, which no bundle does`)
    const member = { ...parsed, name, bytes }
    if (this.#last !== undefined && compare(this.#last, member) >= 0)
      throw outOfOrder(`${name} stands behind ${this.#last.name}`)
    this.#last = parsed.section === 'deliveries' ? { ...member, numbers: member.numbers.slice(1) } : member
    this.#next = member
    return member
  }

  async take(): Promise<Member | undefined> {
    const member = await this.peek()
    this.#next = undefined
    return member
  }

  /** Takes what must come next. */
  async demand(section: Section): Promise<Member> {
    const member = await this.peek()
    if (member?.section !== section)
      throw outOfOrder(
        `${member === undefined ? 'it ends' : `${member.name} stands`} where its ${section} should stand`,
      )
    this.#next = undefined
    return member
  }

  /** Lets go of everything up to a section. */
  async skipTo(section: Section): Promise<Member | undefined> {
    const rank = SECTIONS.indexOf(section)
    for (;;) {
      const member = await this.peek()
      if (member === undefined || SECTIONS.indexOf(member.section) >= rank) return member
      this.#next = undefined
    }
  }
}

function compare(a: Pick<Member, 'section' | 'name' | 'numbers'>, b: Member): number {
  const bySection = SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section)
  if (bySection !== 0) return bySection
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] ?? 0
    if (number !== other) return number - other
  }
  return a.numbers.length > 0 || a.name === b.name ? 0 : a.name < b.name ? -1 : 1
}

export function outOfOrder(message: string): Fault {
  return new Fault('input.malformed', `this is not a bundle as nodes write them: ${message}`, {
    remedy: 'Ask for it again; if it comes the same, tell the member that wrote it.',
  })
}

const manifestShape = Compile(ManifestShape)
const endShape = Compile(EndShape)

/** Reads `manifest.json`. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const value = parseJson(bytes)
  const format = (value as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format !== 1)
    throw new Fault('input.invalid', `the bundle is of format ${format}, which is not known here`, {
      remedy: 'Update this node.',
    })
  if (!manifestShape.Check(value)) throw outOfOrder('its manifest does not fit')
  return value
}

/** Reads `end.json`. */
export function parseEnd(bytes: Uint8Array): BundleEnd {
  const value = parseJson(bytes)
  if (!endShape.Check(value)) throw outOfOrder('its end does not fit')
  return value
}
