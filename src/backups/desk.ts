// The desk where backups are asked for: one piece of work at a time, in a thread of its own, into the folder that the
// configuration names and no other. What lies there is read from the disk whenever somebody asks.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { readManifest } from '#kernel/backup.ts'
import { formatTime, type Clock } from '#kernel/clock.ts'
import { ensureFolder } from '#kernel/ensure-folder.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Store } from '#kernel/store/types.ts'
import { noteBackup } from './commands.ts'
import type { BackupNews, BackupTask } from './thread.ts'
import type { BackupsView, BackupView } from './wire.ts'

export type BackupDesk = AsyncDisposable & {
  readonly look: () => BackupsView
  /** Begins; answers the name. Throws `conflict` while other work is done, `config.invalid` where no folder is set. */
  readonly make: (actor: string) => string
  /** Reads a backup again and holds it against its manifest. Throws `not-found`. */
  readonly check: (actor: string, name: string) => void
}

export type BackupDeskDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly version: string
  /** Both absent where the data lies in no folder. */
  readonly places: { readonly dataDir: string; readonly folder: string } | undefined
}

/** What a name may be, so that none leads out of the folder. */
export const BACKUP_NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'
const CHECKED_FILE = 'checked.json'
const UNFINISHED = '.making-'

type Work = NonNullable<BackupsView['work']>

export function makeBackupDesk({ store, clock, version, places }: BackupDeskDeps): BackupDesk {
  let work: Work | undefined
  let failed: BackupsView['failed']
  let running: Promise<void> = Promise.resolve()
  let worker: Worker | undefined
  if (places !== undefined) removeUnfinished(places.folder)

  const run = (task: BackupTask): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: task })
      worker.on('message', (news: BackupNews) => {
        if (news.kind === 'progress') work = work && { ...work, done: news.done, all: news.all }
        else if (news.kind === 'done') resolve(news.damaged)
        else reject(new Error(news.reason))
      })
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('it was ended before it was done')))
    })

  /** Does it beside everything else; how it went is shown, and stands in the audit log. */
  const begin = (
    { kind, name, actor }: { readonly kind: Work['kind']; readonly name: string; readonly actor: string },
    act: () => Promise<readonly string[]>,
  ): void => {
    work = { kind, name, since: formatTime(clock.nowMs()), done: 0, all: 0 }
    running = act()
      .then(async (damaged) => {
        failed = undefined
        await store.write(noteBackup, { actor, kind, name, damaged })
      })
      .catch(async (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        failed = { kind, name, time: formatTime(clock.nowMs()), reason }
        await store.write(noteBackup, { actor, kind, name, damaged: [], reason })
      })
      .finally(() => {
        work = undefined
      })
  }

  const demandPlaces = (): NonNullable<typeof places> => {
    if (places === undefined)
      throw new Fault('config.invalid', 'no folder for backups is set', {
        place: 'backup.folder',
        remedy: 'Set backup.folder in comity.json and start the node again, or run: comity backup DIR',
      })
    if (work !== undefined)
      throw new Fault('conflict', `${work.name} is being ${work.kind === 'make' ? 'made' : 'checked'}`, {
        remedy: 'Wait until it is done.',
      })
    return places
  }

  return {
    look: () => ({
      ...(places === undefined ? {} : { folder: places.folder }),
      items: places === undefined ? [] : listBackups(places.folder),
      ...(work === undefined ? {} : { work }),
      ...(failed === undefined ? {} : { failed }),
    }),
    make: (actor) => {
      const { dataDir, folder } = demandPlaces()
      const nowMs = clock.nowMs()
      const name = formatTime(nowMs).slice(0, 19).replaceAll(':', '-')
      if (existsSync(join(folder, name))) throw new Fault('conflict', `${name} is there already`)
      ensureFolder(folder, 0o700)
      const target = join(folder, `${UNFINISHED}${name}`)
      begin({ kind: 'make', name, actor }, async () => {
        try {
          await run({ kind: 'make', dataDir, target, version, nowMs })
          renameSync(target, join(folder, name))
        } catch (error) {
          rmSync(target, { recursive: true, force: true })
          throw error
        }
        return []
      })
      return name
    },
    check: (actor, name) => {
      const folder = join(demandPlaces().folder, name)
      if (!new RegExp(BACKUP_NAME).test(name) || viewOf(folder, name) === undefined)
        throw new Fault('not-found', `there is no backup ${name}`, { remedy: 'List them: comity backups' })
      begin({ kind: 'check', name, actor }, async () => {
        const damaged = await run({ kind: 'check', folder })
        writeFileSync(join(folder, CHECKED_FILE), JSON.stringify({ time: formatTime(clock.nowMs()), damaged }))
        return damaged
      })
    },
    [Symbol.asyncDispose]: async () => {
      await worker?.terminate()
      await running.catch(() => {})
    },
  }
}

/** What a node that was ended in the middle left behind. */
function removeUnfinished(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder))
    if (name.startsWith(UNFINISHED)) rmSync(join(folder, name), { recursive: true, force: true })
}

function listBackups(folder: string): BackupView[] {
  if (!existsSync(folder)) return []
  const pattern = new RegExp(BACKUP_NAME)
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .toSorted()
    .slice(-LIMITS.backupsListedMax)
    .flatMap((name) => viewOf(join(folder, name), name) ?? [])
    .toSorted((a, b) => (a.time < b.time ? 1 : -1))
}

/** Undefined where it is no backup of ours. */
function viewOf(folder: string, name: string): BackupView | undefined {
  try {
    const { time, member, version, files } = readManifest(folder)
    const bytes = Object.keys(files).reduce((sum, file) => sum + sizeOf(join(folder, file)), 0)
    return { name, time, member, version, bytes, ...checkedIn(folder) }
  } catch {
    return undefined
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** What the last check found; a file that says nothing of the kind counts as none. */
function checkedIn(folder: string): Pick<BackupView, 'checked'> {
  const path = join(folder, CHECKED_FILE)
  if (sizeOf(path) === 0 || sizeOf(path) > LIMITS.backupManifestBytesMax) return {}
  try {
    const { time, damaged } = JSON.parse(readFileSync(path, 'utf8')) as Partial<NonNullable<BackupView['checked']>>
    const isList = Array.isArray(damaged) && damaged.every((each) => typeof each === 'string')
    return typeof time === 'string' && isList ? { checked: { time, damaged } } : {}
  } catch {
    return {}
  }
}
