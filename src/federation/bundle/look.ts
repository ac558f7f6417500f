// A look at the beginning of a bundle: who says to have written it, for whom and what, and whether reading it would be
// refused. Nothing is applied, and nothing of what it says counts.
import { Fault } from '#kernel/fault.ts'
import { openFile } from '#kernel/sealed-file.ts'
import { findPeer } from '../peers.ts'
import { demandPlace, demandWriter, type ReadDeps } from './read.ts'
import { provesManifest } from './signature.ts'
import { Members, parseManifest } from './stream.ts'
import type { BundleLook, Manifest } from './wire.ts'

export type LookDeps = Pick<ReadDeps, 'store' | 'member' | 'identities'>

/** The beginning is enough; the file may be cut behind it. Throws a Fault for what is no bundle, or not for this node. */
export async function lookIntoBundle(deps: LookDeps, file: AsyncIterable<Uint8Array>): Promise<BundleLook> {
  const members = new Members(openFile(deps.identities, file))
  const first = await members.demand('manifest')
  const manifest = parseManifest(first.bytes)
  await members.demand('document')
  await members.demand('proof')
  const signature = await members.demand('signature')
  const known = await findPeer(deps.store, manifest.from)
  const signed = known !== undefined && provesManifest(first.bytes, signature.bytes, known.document)
  const refused = await refusalOf(deps, manifest)
  return { manifest, signed, ...(refused === undefined ? {} : { refused }) }
}

async function refusalOf(deps: LookDeps, manifest: Manifest): Promise<BundleLook['refused']> {
  try {
    await demandPlace(deps.store, await demandWriter(deps, manifest), manifest)
    return undefined
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { message: error.message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) }
  }
}
