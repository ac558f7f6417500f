// A log as static files, laid out as C2SP tlog-tiles has it, for any web server and any auditor. Full tiles never
// change, so an export to the same folder writes only what is new; the checkpoint goes last.
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readIdentity } from '#kernel/data-folder.ts'
import { ensureFolder } from '#kernel/ensure-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { parseNote } from '#kernel/note.ts'
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { entriesPath, hashesAtLevel, tilePath, TILE_WIDTH } from '#kernel/log/tile.ts'

export type ExportedLog = {
  readonly origin: string
  readonly size: number
  readonly written: number
  readonly kept: number
}

export function exportLog(dataDir: string, folder: string, origin?: string): ExportedLog {
  readIdentity(dataDir)
  using database = new DatabaseSync(join(dataDir, 'comity.db'), { readOnly: true })
  database.exec('BEGIN')
  const log = database
    .prepare(`SELECT id, origin, size, checkpoint FROM log WHERE ${origin === undefined ? 'id = ?' : 'origin = ?'}`)
    .get(origin ?? OWN_LOG) as { id: number; origin: string; size: number; checkpoint: Uint8Array | null } | undefined
  if (log === undefined || log.checkpoint === null)
    throw new Fault('not-found', `there is no log${origin === undefined ? '' : ` ${origin}`} with a signed head here`, {
      place: dataDir,
      remedy:
        origin === undefined
          ? 'A node signs its first head when it is started: comity serve.'
          : '“comity peer list” names the members whose logs are here.',
    })
  const counts = { written: 0, kept: 0 }
  const put = (path: string, bytes: Uint8Array): void => {
    const target = join(folder, path)
    if (existsSync(target)) {
      counts.kept += 1
      return
    }
    ensureFolder(dirname(target))
    replace(target, bytes)
    counts.written += 1
  }
  const readTile = database.prepare('SELECT bytes FROM log_tile WHERE log = ? AND level = ? AND n = ?')
  for (let level = 0; hashesAtLevel(level, log.size) > 0; level += 1) {
    const hashes = hashesAtLevel(level, log.size)
    for (let n = 0; n * TILE_WIDTH < hashes; n += 1) {
      const width = Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH)
      const { bytes } = readTile.get(log.id, level, n) as { bytes: Uint8Array }
      put(tilePath(level, n, width), bytes.subarray(0, width * 32))
    }
  }
  const readEntries = database.prepare('SELECT bytes FROM log_entries WHERE log = ? AND n = ?')
  for (let n = 0; n * TILE_WIDTH < log.size; n += 1) {
    const { bytes } = readEntries.get(log.id, n) as { bytes: Uint8Array }
    put(entriesPath(n, Math.min(TILE_WIDTH, log.size - n * TILE_WIDTH)), bytes)
  }
  ensureFolder(folder)
  replace(
    join(folder, 'checkpoint'),
    Buffer.concat([log.checkpoint, ...witnessLines(database, { ...log, checkpoint: log.checkpoint })]),
  )
  return { origin: log.origin, size: log.size, ...counts }
}

/** What witnesses gave for the head of this member's own log, as far as it has room: the short lines first, as a peer gets them. */
function witnessLines(
  database: DatabaseSync,
  log: { readonly id: number; readonly size: number; readonly checkpoint: Uint8Array },
): Uint8Array[] {
  if (log.id !== OWN_LOG) return []
  const room = LIMITS.noteSignaturesMax - parseNote(log.checkpoint).signatures.length
  const lines = database.prepare('SELECT line FROM cosignature WHERE size = ? ORDER BY length(line), key LIMIT ?')
  const rows = lines.all(log.size, Math.max(0, room))
  return (rows as { line: string }[]).map(({ line }) => Buffer.from(`${line}\n`))
}

/** Readers see the old file or the new one, never half of one. */
function replace(path: string, bytes: Uint8Array): void {
  writeFileSync(`${path}.new`, bytes)
  renameSync(`${path}.new`, path)
}
