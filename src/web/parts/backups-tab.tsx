// Backups: where they lie, one more while the node goes on, whether each is whole, and how to come back from one.
import type { ReactNode } from 'react'
import type { BackupsView, BackupView } from '#src/backups/wire.ts'
import { send } from '../api.ts'
import { changed, useGet } from '../load.ts'
import { fullTime, size, t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty, Notice } from '../ui/quiet.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Value } from '../ui/value.tsx'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'
import { Show } from './fault.tsx'
import { ShortList } from './list.tsx'
import { useNow } from './now.ts'
import { verbsColumn } from './verbs.tsx'

const [BUSY_MS, IDLE_MS] = [1000, 15_000]
const SETTING = '"backup": { "folder": "/mnt/backup/comity" }'

const NoBackups = (): ReactNode => (
  <Empty icon="file" title={t('backups.none')}>
    {t('backups.noneWhy')}
  </Empty>
)

export function BackupsTab(): ReactNode {
  const isBusy = useGet<BackupsView>('/backups').value?.work !== undefined
  const backups = useGet<BackupsView>('/backups', { everyMs: isBusy ? BUSY_MS : IDLE_MS })
  return (
    <Show of={backups} rows={6}>
      {(view) => (
        <div className="cols">
          <div>{view.folder === undefined ? <Nowhere /> : <Made view={view} folder={view.folder} />}</div>
          <HowBack view={view} />
        </div>
      )}
    </Show>
  )
}

const Nowhere = (): ReactNode => (
  <Block title={t('backups.nowhere')}>
    <div className="form">
      <p className="prose">{t('backups.nowhereWhy')}</p>
      <pre className="codebox" dir="ltr">
        {SETTING}
      </pre>
    </div>
  </Block>
)

function Made({ view, folder }: { readonly view: BackupsView; readonly folder: string }): ReactNode {
  const { work, failed, items } = view
  const { busy, fault, run } = useAct()
  const begin = (path: string): void =>
    run(async () => {
      await send('POST', path)
      changed('/backups')
    })
  return (
    <>
      <Block title={t('backups.where')}>
        <div className="form">
          <p>
            <Value>{folder}</Value>
          </p>
          <p className="dim">{t('backups.whereWhy')}</p>
          <FaultNotice fault={fault} />
          {failed === undefined ? null : (
            <Notice kind="danger">{t('backups.failed', { name: failed.name, reason: failed.reason })}</Notice>
          )}
          {work === undefined ? (
            <div className="actions">
              <Button kind="primary" busy={busy} onClick={() => begin('/backups')}>
                {t('backups.make')}
              </Button>
            </div>
          ) : (
            <Progress work={work} />
          )}
        </div>
      </Block>
      <Backups items={items} busy={busy || work !== undefined} onCheck={(name) => begin(`/backups/${name}/check`)} />
    </>
  )
}

function Progress({ work: { kind, name, done, all } }: { readonly work: NonNullable<BackupsView['work']> }): ReactNode {
  const says = t(kind === 'make' ? 'backups.making' : 'backups.checking', { name, done, all })
  return (
    <div className="progress" role="status">
      <p>{says}</p>
      <progress aria-label={says} {...(all === 0 ? {} : { value: done, max: all })} />
    </div>
  )
}

function Backups({
  items,
  busy,
  onCheck,
}: {
  readonly items: readonly BackupView[]
  readonly busy: boolean
  readonly onCheck: (name: string) => void
}): ReactNode {
  const nowMs = useNow()
  const columns: readonly Column<BackupView>[] = [
    { key: 'time', head: t('backups.asOf'), fill: true, cell: ({ time }) => <b>{fullTime(time)}</b> },
    { key: 'version', head: t('backups.version'), wideOnly: true, cell: ({ version }) => <Value>{version}</Value> },
    { key: 'size', head: t('backups.size'), number: true, cell: ({ bytes }) => size(bytes) },
    { key: 'state', head: t('backups.state'), cell: ({ checked }) => <Checked checked={checked} nowMs={nowMs} /> },
    verbsColumn(({ name }) => (
      <Button small busy={busy} onClick={() => onCheck(name)}>
        {t('backups.check')}
      </Button>
    )),
  ]
  return (
    <ShortList
      of={items}
      words={({ time, name, version }) => `${fullTime(time)} ${name} ${version}`}
      label={t('backups.list')}
      where={t('backups.where')}
      columns={columns}
      rowKey={({ name }) => name}
      empty={<NoBackups />}
    />
  )
}

function Checked({
  checked,
  nowMs,
}: {
  readonly checked: BackupView['checked'] | undefined
  readonly nowMs: number
}): ReactNode {
  if (checked === undefined) return <State kind="wait">{t('backups.unchecked')}</State>
  const { damaged, time } = checked
  return damaged.length === 0 ? (
    <State kind="ok" since={when(time, nowMs)}>
      {t('backups.whole')}
    </State>
  ) : (
    <State kind="danger" since={when(time, nowMs)}>
      {t('backups.damaged', { files: damaged.join(', ') })}
    </State>
  )
}

/** The way back from the newest that is not known to be damaged, ready to be copied. */
function HowBack({ view: { folder, items } }: { readonly view: BackupsView }): ReactNode {
  const newest = items.find(({ checked }) => (checked?.damaged.length ?? 0) === 0)
  const place = folder === undefined || newest === undefined ? 'DIR' : `${folder}/${newest.name}`
  return (
    <div>
      <Block title={t('backups.back')}>
        <div className="form">
          <p className="prose">{t('backups.backWhy')}</p>
          <pre
            className="codebox"
            dir="ltr"
          >{`comity restore ${place} \\\n  --keys /mnt/safe/keys.age --data-dir NEW`}</pre>
          <p className="dim">{t('backups.backThen')}</p>
        </div>
      </Block>
      <Block title={t('backups.keys')}>
        <div className="form">
          <p className="prose">{t('backups.keysWhy')}</p>
          <pre className="codebox" dir="ltr">
            comity keys export /mnt/safe/keys.age
          </pre>
        </div>
      </Block>
    </div>
  )
}
