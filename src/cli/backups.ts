import type { BackupsView, BackupView } from '../backups/wire.ts'
import { noVerb, requirePositional, type CliContext, type Command } from './args.ts'

export const command: Command = {
  name: 'backups',
  summary: 'Backups that the running node makes in the folder of its configuration (backup.folder).',
  usage: ['backups list', 'backups make', 'backups check NAME'],
  options: {},
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'list') return list(context)
    if (verb === 'make') return finish(context, '/backups')
    if (verb === 'check') {
      const name = requirePositional(context, 1, 'the name of the backup')
      return finish(context, `/backups/${encodeURIComponent(name)}/check`)
    }
    throw noVerb('backups', verb)
  },
}

async function list({ node, out }: CliContext): Promise<number> {
  const client = await node()
  const view = await client.get<BackupsView>('/backups')
  out.data(view)
  if (view.folder === undefined) out.line('no folder for backups is set: backup.folder in comity.json')
  else if (view.items.length === 0) out.line(`no backup is in ${view.folder} yet: comity backups make`)
  else
    out.table(
      ['NAME', 'AS OF', 'BYTES', 'CHECKED'],
      view.items.map((each) => [each.name, each.time, String(each.bytes), sayChecked(each)]),
    )
  return 0
}

const POLL_MS = 500

/** Begins, and waits for the end of it. */
async function finish(context: CliContext, path: string): Promise<number> {
  const { node, out, clock } = context
  const client = await node()
  const { name } = await client.post<{ name: string }>(path)
  for (;;) {
    const { folder, items, work, failed } = await client.get<BackupsView>('/backups')
    if (work?.name === name) {
      out.progress(work.all === 0 ? name : `${work.done} of ${work.all}`)
      await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve))
      continue
    }
    const made = items.find((each) => each.name === name)
    out.data({ folder, name, ...(failed === undefined ? { backup: made } : { failed }) })
    if (failed !== undefined) out.line(`${failed.name}: ${failed.reason}`)
    else out.line(`${folder}/${name}: ${made === undefined ? 'made' : sayChecked(made)}`)
    return failed === undefined && (made?.checked?.damaged ?? []).length === 0 ? 0 : 1
  }
}

function sayChecked({ checked }: BackupView): string {
  if (checked === undefined) return 'not since it was made'
  return checked.damaged.length === 0 ? `whole, ${checked.time}` : `DAMAGED: ${checked.damaged.join(', ')}`
}
