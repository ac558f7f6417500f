// The watch list: what this member protects. It never leaves the node.
import { useState, type ReactNode } from 'react'
import type { WatchImport, WatchView } from '#warning/wire.ts'
import { send, sendFile } from '../api.ts'
import { useAct } from '../parts/act.ts'
import { attempt } from '../parts/attempt.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { useHead } from '../parts/head.ts'
import { List } from '../parts/list.tsx'
import { useRight } from '../parts/session.ts'
import { verbsColumn } from '../parts/verbs.tsx'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { t } from '../text/language.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Input } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty, Notice } from '../ui/quiet.tsx'
import { Block, PageHead } from '../ui/region.tsx'
import type { Column } from '../ui/table.tsx'
import { Foreign, Name, Observable } from '../ui/value.tsx'

const NothingWatched = (): ReactNode => (
  <Empty icon="warnings" title={t('watch.none')}>
    {t('watch.noneWhy')}
  </Empty>
)

export function WatchPage(): ReactNode {
  const mayDecide = useRight('decide')
  useHead(t('watch.title'), [{ text: t('nav.warnings'), to: to.warnings() }, { text: t('watch.title') }])
  const columns: readonly Column<WatchView>[] = [
    { key: 'value', head: t('field.value'), fill: true, cell: ({ value }) => <Observable wrap>{value}</Observable> },
    {
      key: 'kind',
      head: t('record.type'),
      tight: true,
      cell: ({ kind }) => t(`value.${kind as 'ipv4'}`),
      wideOnly: true,
    },
    {
      key: 'asset',
      head: t('warning.asset'),
      cell: ({ asset }) => (
        <span className="nowrap">
          <Name charsMax={50}>{asset}</Name>
        </span>
      ),
    },
    {
      key: 'note',
      head: t('watch.note'),
      cell: ({ note }) => <Foreign charsMax={80}>{note}</Foreign>,
      wideOnly: true,
    },
    ...(mayDecide
      ? [
          verbsColumn(({ id, value }: WatchView) => (
            <IconButton
              icon="cross"
              label={t('watch.removeOne', { value })}
              onClick={() =>
                attempt(async () => {
                  await send('DELETE', `/watch/${id}`)
                  changed('/watch')
                  confirmDone(t('watch.removed'))
                })
              }
            />
          )),
        ]
      : []),
  ]
  return (
    <>
      <PageHead title={t('watch.title')} lead={t('watch.lead')} />
      <div className="cols">
        <div>
          <List<WatchView>
            path="/watch?limit=200"
            label={t('watch.title')}
            where={t('watch.where')}
            columns={columns}
            rowKey={({ id }) => id}
            empty={<NothingWatched />}
            rows={8}
          />
        </div>
        <div>{mayDecide ? <Add /> : <p className="pane-body dim">{t('may.decide')}</p>}</div>
      </div>
    </>
  )
}

function Add(): ReactNode {
  const [value, setValue] = useState('')
  const [asset, setAsset] = useState('')
  const [refused, setRefused] = useState<WatchImport['refused']>([])
  const { busy, fault, run } = useAct()
  const add = (): void =>
    run(async () => {
      const { added } = await send<{ added: number }>('POST', '/watch', { value: value.trim(), asset: asset.trim() })
      changed('/watch')
      confirmDone(t('watch.added', { n: added }))
      setValue('')
    })
  const importFile = (file: File | undefined): void => {
    if (file === undefined) return
    run(async () => {
      const answer = await sendFile<WatchImport>('/watch/import', file, 'text/csv')
      setRefused(answer.refused)
      changed('/watch')
      confirmDone(t('watch.added', { n: answer.added }))
    })
  }
  return (
    <>
      <Block title={t('watch.add')}>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault()
            add()
          }}
        >
          <Input
            label={t('watch.value')}
            hint={t('watch.valueHint')}
            mono
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
          <Input
            label={t('watch.asset')}
            hint={t('watch.assetHint')}
            required
            maxLength={200}
            value={asset}
            onChange={(event) => setAsset(event.target.value)}
          />
          <FaultNotice fault={fault} />
          <div className="actions">
            <Button kind="primary" type="submit" busy={busy}>
              {t('watch.add')}
            </Button>
          </div>
        </form>
      </Block>
      <Block title={t('watch.import')}>
        <div className="form">
          <p className="dim">{t('watch.importWhy')}</p>
          <input
            type="file"
            accept=".csv,text/csv"
            aria-label={t('watch.import')}
            onChange={(event) => importFile(event.target.files?.[0])}
          />
          {refused.length === 0 ? null : (
            <Notice kind="warning">
              {t('watch.refused', { n: refused.length })}
              <ul className="plain-list">
                {refused.slice(0, 10).map((each) => (
                  <li key={`${each.place} ${each.message}`}>
                    <Foreign>{`${each.place ?? ''} ${each.message}`.trim()}</Foreign>
                  </li>
                ))}
              </ul>
            </Notice>
          )}
        </div>
      </Block>
    </>
  )
}
