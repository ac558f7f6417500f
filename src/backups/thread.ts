// The thread that copies or reads a backup: both take as long as the disk does, and the node goes on meanwhile.
import { parentPort, workerData } from 'node:worker_threads'
import { damagedFiles, makeBackup, readManifest } from '#kernel/backup.ts'
import { systemRandom } from '#kernel/clock.ts'

export type BackupTask =
  | {
      readonly kind: 'make'
      readonly dataDir: string
      readonly target: string
      readonly version: string
      readonly nowMs: number
    }
  | { readonly kind: 'check'; readonly folder: string }

export type BackupNews =
  | { readonly kind: 'progress'; readonly done: number; readonly all: number }
  | { readonly kind: 'done'; readonly damaged: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string }

const say = (news: BackupNews): void => parentPort?.postMessage(news)
const onProgress = (done: number, all: number): void => say({ kind: 'progress', done, all })

async function work(task: BackupTask): Promise<readonly string[]> {
  if (task.kind === 'check') return damagedFiles(task.folder, readManifest(task.folder), onProgress)
  await makeBackup({ ...task, random: systemRandom, onProgress })
  return []
}

try {
  say({ kind: 'done', damaged: await work(workerData as BackupTask) })
} catch (error) {
  say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
}
