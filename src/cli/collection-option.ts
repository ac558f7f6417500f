import type { ApiClient } from '#client/client.ts'
import { Fault } from '#kernel/fault.ts'
import type { CollectionView } from '#sharing/wire.ts'

/** The collection named, or the only one of this member's own. */
export async function requireCollectionOption(client: ApiClient, name: string | undefined): Promise<string> {
  if (name !== undefined) return name
  const { items: own } = await client.get<{ items: CollectionView[] }>('/collections', { own: 'true' })
  const [only] = own
  if (only !== undefined && own.length === 1) return only.alias ?? only.uuid
  throw new Fault('input.invalid', own.length === 0 ? 'there is no collection yet' : 'there are several collections', {
    place: '--collection',
    remedy:
      own.length === 0
        ? 'Make one first: comity collection add --alias advisories "Advisories"'
        : `Name one of: ${own.map((each) => each.alias ?? each.uuid).join(', ')}.`,
  })
}
