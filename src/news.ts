// Which events of the store are news to people, and of which part: the one place where capabilities' words are put into
// those of open pages.
import type { News } from '#kernel/http/wire.ts'
import type { StoreEvent } from '#kernel/store/types.ts'

export function newsOf({ name, data }: StoreEvent): News | undefined {
  switch (name) {
    case 'warning.changed':
      return { topic: 'warnings', about: (data as { id: number }).id }
    case 'warning.watch':
      return { topic: 'watch' }
    case 'sharing.put':
    case 'sharing.withdrawn':
      return { topic: 'records' }
    case 'federation.peers':
      return { topic: 'peers' }
    case 'federation.delivered':
      return { topic: 'deliveries', about: (data as { peer: string }).peer }
    case 'federation.trust':
      return { topic: 'trust' }
    case 'policy.changed':
      return { topic: 'policy' }
    case 'log.kept':
      return { topic: 'records' }
    case 'job.failed':
    case 'job.new':
      return { topic: 'jobs' }
    case 'feed.changed':
      return { topic: 'feeds' }
    case 'identity.ended':
      return { topic: 'users' }
    default:
      return undefined
  }
}
