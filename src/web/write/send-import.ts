// The bytes of a file that are still to be imported, on their way to the node.
import { ApiFault } from '../api.ts'
import { uploadFile } from '../transfer.ts'
import { tallyOf, type Place, type Tally, type Way } from './file-import.ts'

/** Refusals that are told one by one. */
const REFUSALS_TOLD = 1000

/** Sends what is left of a file and tells how it goes. Answers with what the node said at the end. */
export async function importFile(
  file: Blob,
  { collection, digest, from }: { readonly collection: string; readonly digest: string; readonly from: Place },
  { onProgress, onTally, signal }: Way & { readonly onTally: (tally: Tally) => void },
): Promise<Tally> {
  const { offset, objects, line } = from
  const query = Object.entries({ collection, digest, offset, objects, line, refusals: REFUSALS_TOLD })
  const answer = await uploadFile(
    `/import?${new URLSearchParams(query.map(([name, value]) => [name, String(value)]))}`,
    file.slice(offset),
    {
      onProgress: ({ sent }) => onProgress({ sent: offset + sent, total: file.size }),
      onAnswer: (text) => onTally(tallyOf(text)),
      signal,
    },
  )
  const tally = tallyOf(answer)
  if (!tally.ended) throw new ApiFault('link.lost', 'the answer broke off')
  return tally
}
