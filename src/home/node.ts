// How the node itself is, at a glance. Programs that watch it over time read `/metrics`.
import { formatTime } from '#kernel/clock.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import type { Reader } from '#kernel/store/types.ts'
import { VERSION } from '../version.ts'
import type { NodeView } from './wire.ts'

const COUNTS_SQL = `SELECT (SELECT count(*) FROM record) AS records, (SELECT size FROM log WHERE id = ?) AS statements,
  (SELECT count(*) FROM job WHERE failed_ms IS NULL) AS waiting,
  (SELECT count(*) FROM job WHERE failed_ms IS NOT NULL) AS failed,
  (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()) AS storeBytes`

type Counts = Pick<NodeView, 'records' | 'statements' | 'storeBytes'> & NodeView['jobs']

/** `sinceMs` is when the node began, `cpuMs` what it has used since. */
export async function howIsTheNode(
  store: Reader,
  { sinceMs, nowMs, cpuMs, memoryBytes }: { sinceMs: number; nowMs: number; cpuMs: number; memoryBytes: number },
): Promise<NodeView> {
  const counts = await store.get<Counts>(COUNTS_SQL, OWN_LOG)
  const { records = 0, statements = 0, waiting = 0, failed = 0, storeBytes = 0 } = counts ?? {}
  return {
    version: VERSION,
    since: formatTime(sinceMs),
    records,
    statements: statements ?? 0,
    jobs: { waiting, failed },
    storeBytes,
    memoryBytes,
    cpuPercent: (cpuMs / Math.max(1, nowMs - sinceMs)) * 100,
  }
}
