// A bundle for a peer: written by the node, fetched part by part, and the list of those that were written before.
import { useState, type ReactNode } from 'react'
import type { BundleView } from '#federation/bundle/wire.ts'
import { ApiFault, get } from '../api.ts'
import { changed, useGet } from '../load.ts'
import { number, size, t, when } from '../text/language.ts'
import { downloadFile } from '../transfer.ts'
import { Button } from '../ui/button.tsx'
import { Check, Select } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { saveFile } from '../ui/save-file.ts'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { plainText } from '../ui/harmless.ts'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'
import { Show } from './fault.tsx'
import { usePeers, type Page } from './needs.ts'
import { useNow } from './now.ts'
import { peerName } from './peer.ts'

const MIB = 1024 * 1024
/** No bound, a CD, a mail. */
const SIZES = [0, 650 * MIB, 20 * MIB] as const
const PARTS_MAX = 1000

export function BundleWriter(): ReactNode {
  const peers = usePeers()
  const approved = (peers.value?.items ?? []).filter(({ state }) => state === 'approved')
  const [chosen, setChosen] = useState<string>()
  const [bytes, setBytes] = useState('0')
  const [all, setAll] = useState(false)
  const { busy, fault, run } = useAct()
  const member = chosen ?? approved[0]?.member
  const write = (): void =>
    run(async () => {
      if (member === undefined) return
      const parts = await writeParts(member, { max: Number(bytes), all })
      changed(`/peers/${member}/bundles`)
      confirmDone(t('bundles.wrote', { n: parts }))
    })
  return (
    <Show of={peers}>
      {() =>
        member === undefined ? (
          <p className="pane-body dim">{t('bundles.nobody')}</p>
        ) : (
          <>
            <div className="pane-body form">
              <Select
                label={t('bundles.for')}
                value={member}
                choices={approved.map((peer) => [peer.member, plainText(peerName(peer), 60)])}
                onChange={(event) => setChosen(event.target.value)}
              />
              <Select
                label={t('bundles.size')}
                value={bytes}
                choices={SIZES.map((each) => [
                  String(each),
                  each === 0 ? t('bundles.oneFile') : t('bundles.atMost', { size: size(each) }),
                ])}
                onChange={(event) => setBytes(event.target.value)}
              />
              <Check label={t('bundles.all')} checked={all} onChange={(event) => setAll(event.target.checked)} />
              <Notice>{t('bundles.writeWhy')}</Notice>
              <FaultNotice fault={fault} />
              <div className="actions">
                <Button kind="primary" icon="download" busy={busy} onClick={write}>
                  {t('bundles.writeIt')}
                </Button>
              </div>
            </div>
            <Written member={member} />
          </>
        )
      }
    </Show>
  )
}

/** Part by part, each saved before the next is asked for. Answers how many there were. */
async function writeParts(
  member: string,
  { max, all }: { readonly max: number; readonly all: boolean },
): Promise<number> {
  const path = `/peers/${encodeURIComponent(member)}/bundles`
  const stamp = new Date().toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
  let goOn: string | undefined
  for (let part = 1; part <= PARTS_MAX; part += 1) {
    const query = new URLSearchParams({
      ...(max === 0 ? {} : { max: String(max) }),
      ...(goOn === undefined ? (all ? { all: 'true' } : {}) : { goOn }),
    })
    const file = await downloadFile(`${path}?${query}`)
    const { items } = await get<Page<BundleView>>(path)
    const written = items.find(({ id, state }) => state !== 'begun' && (goOn === undefined || id === goOn))
    if (written === undefined || written.bytes !== file.size) throw new ApiFault('link.lost', t('bundles.brokenOff'))
    saveFile(`comity-${member}-${stamp}.age${part === 1 ? '' : `.${part}`}`, file, 'application/octet-stream')
    if (written.last) return part
    goOn = written.id
  }
  return PARTS_MAX
}

/** The node keeps a hundred for a peer; their lines are times and numbers, and hold no words to look for. */
function Written({ member }: { readonly member: string }): ReactNode {
  const nowMs = useNow()
  const written = useGet<Page<BundleView>>(`/peers/${encodeURIComponent(member)}/bundles`)
  const columns: readonly Column<BundleView>[] = [
    { key: 'at', head: t('bundles.when'), cell: ({ at }) => <span className="nowrap">{when(at, nowMs)}</span> },
    { key: 'part', head: t('bundles.partHead'), number: true, cell: ({ part }) => number(part) },
    {
      key: 'items',
      head: t('bundles.items'),
      number: true,
      cell: ({ items }) => number(items.until - items.after),
    },
    { key: 'bytes', head: t('bundles.bytes'), number: true, cell: ({ bytes }) => size(bytes), wideOnly: true },
    {
      key: 'state',
      head: t('record.state'),
      cell: ({ state }) => (
        <State kind={state === 'confirmed' ? 'ok' : state === 'written' ? 'wait' : 'off'}>
          {t(`bundles.${state}`)}
        </State>
      ),
    },
  ]
  return (
    <Show of={written} rows={2}>
      {({ items }) =>
        items.length === 0 ? null : (
          <Table
            label={t('bundles.before')}
            columns={columns}
            rows={items}
            rowKey={({ id, part }) => `${id} ${part}`}
            dense
          />
        )
      }
    </Show>
  )
}
