// What a bundle holds, on any machine that has the key: nothing is applied and no node is asked.
import { Members, parseEnd, parseManifest } from '#federation/bundle/stream.ts'
import type { BundleEnd, Manifest } from '#federation/bundle/wire.ts'
import { parseBase64 } from '#kernel/base64.ts'
import { openDataFolder } from '#kernel/data-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { SEED_BYTES } from '#kernel/key.ts'
import { LIMITS } from '#kernel/limits.ts'
import { bech32Identity } from '#kernel/recipient.ts'
import { openFile } from '#kernel/sealed-file.ts'
import { stringOption, type CliContext } from '../args.ts'
import type { BundleFile } from '../bundle.ts'
import { readNamedText } from '../file.ts'

type Held = { readonly files: number; readonly bytes: number }

/** Prints what is inside. Returns 1 where the file is not whole. */
export async function inspectBundle(context: CliContext, file: BundleFile): Promise<number> {
  const { out } = context
  const members = new Members(openFile(await identities(context), file.stream()))
  const manifest = parseManifest((await members.demand('manifest')).bytes)
  const { held, end, broken } = await count(members)
  out.data({ file: file.path, manifest, held, end, ...(broken === undefined ? {} : { broken: broken.message }) })
  tell(context, manifest, held, end)
  if (broken === undefined) return 0
  out.line(`  NOT WHOLE: ${broken.message}${broken.place === undefined ? '' : ` (${broken.place})`}`)
  return 1
}

async function count(
  members: Members,
): Promise<{ held: Record<string, Held>; end: BundleEnd | undefined; broken: Fault | undefined }> {
  const held: Record<string, Held> = {}
  let end: BundleEnd | undefined
  try {
    for (let member = await members.take(); member !== undefined; member = await members.take()) {
      const { section, bytes } = member
      const before = held[section] ?? { files: 0, bytes: 0 }
      held[section] = { files: before.files + 1, bytes: before.bytes + bytes.length }
      if (section === 'end') end = parseEnd(bytes)
    }
  } catch (error) {
    if (error instanceof Fault) return { held, end, broken: error }
    throw error
  }
  return { held, end, broken: undefined }
}

function tell({ out }: CliContext, manifest: Manifest, held: Record<string, Held>, end: BundleEnd | undefined): void {
  const { id, part, from, to, time, log, deliveries, received } = manifest
  out.line(`bundle ${id}, part ${part}, from ${from} for ${to}, ${time}`)
  out.line('  what is said here is not verified; reading it on the node verifies it')
  out.line(`  leaves       from ${log.from}, to a head of ${log.size} (${log.origin})`)
  out.line(`  deliveries   behind item ${deliveries.after}, up to ${deliveries.until}`)
  out.line(`  its writer   has received our items up to ${received.seq}`)
  for (const [section, { files, bytes }] of Object.entries(held))
    out.line(`  ${section.padEnd(12)} ${files} files, ${bytes} bytes`)
  if (end !== undefined)
    out.line(
      end.last ? '  the last part' : `  part ${part + 1} follows, from leaf ${end.leaf} and behind item ${end.seq}`,
    )
}

/** The keys of the data folder, or the one in a file. */
async function identities(context: CliContext): Promise<string[]> {
  const name = stringOption(context, 'key')
  if (name === undefined) {
    const { recipient, earlierRecipients } = (await openDataFolder(context.dataDir, context.unlock)).seeds
    return [recipient, ...earlierRecipients].map((seed) => bech32Identity(seed))
  }
  const what = 'the file with the recipient key'
  const found = identitiesIn(readNamedText({ cwd: context.cwd, name, what, bytesMax: LIMITS.keyFileBytesMax }))
  if (found.length > 0) return found
  throw new Fault('input.invalid', 'this file holds no recipient key', {
    place: name,
    remedy:
      'Give the file of “comity keys identity”, or an unencrypted recipient.json; without --key the data folder is used.',
  })
}

function identitiesIn(text: string): string[] {
  if (!text.trimStart().startsWith('{')) return text.match(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/gm) ?? []
  const values = Object.values(parseJson(Buffer.from(text)) as Record<string, unknown>).flat()
  const seeds = values.map((value) => (typeof value === 'string' ? parseBase64(value) : undefined))
  return seeds.filter((seed) => seed?.length === SEED_BYTES).map((seed) => bech32Identity(seed as Uint8Array))
}
