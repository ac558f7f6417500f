// The other tabs of federation: deliveries, forks and evidence, trust, quarantine.
import { useState, type ReactNode } from 'react'
import type { PeerView } from '#federation/wire.ts'
import type { EvidenceView, TrustView } from '#federation/witness/wire.ts'
import type { QuarantinePage } from '#sharing/wire.ts'
import { send } from '../api.ts'
import { changed, learned, useGet, usePages } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { fullTime, number, t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Area } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { Block, Facts } from '../ui/region.tsx'
import { saveFile } from '../ui/save-file.ts'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'
import { Show } from './fault.tsx'
import { MoreRows } from './more-rows.tsx'
import { useMemberNames } from './names.ts'
import { useEvidence, usePeers } from './needs.ts'
import { useNow } from './now.ts'
import { peerName } from './peer.ts'
import { useRight } from './session.ts'

const NoDeliveries = (): ReactNode => (
  <Empty icon="federation" title={t('peers.empty')}>
    {t('peers.emptyWhy')}
  </Empty>
)

export function DeliveriesTab(): ReactNode {
  const peers = usePeers()
  const nowMs = useNow()
  const columns: readonly Column<PeerView>[] = [
    {
      key: 'member',
      head: t('peer.member'),
      fill: true,
      cell: (peer) => (
        <Link className="cell" to={to.peer(peer.member)}>
          <Name>{peerName(peer)}</Name>
        </Link>
      ),
    },
    { key: 'given', head: t('peer.given'), number: true, cell: ({ delivered }) => number(delivered) },
    { key: 'taken', head: t('peer.taken'), number: true, cell: ({ received }) => number(received) },
    {
      key: 'contact',
      head: t('peer.contact'),
      number: true,
      cell: ({ lastContact }) => (
        <span className="dim">{lastContact === undefined ? t('none') : when(lastContact, nowMs)}</span>
      ),
    },
  ]
  return (
    <Show of={peers} rows={8}>
      {({ items }) => {
        const shown = items.filter(({ state }) => state !== 'pending')
        return shown.length === 0 ? (
          <NoDeliveries />
        ) : (
          <Table label={t('deliveries.title')} columns={columns} rows={shown} rowKey={({ member }) => member} />
        )
      }}
    </Show>
  )
}

export function EvidenceTab(): ReactNode {
  const evidence = useEvidence()
  const names = useMemberNames()
  const columns: readonly Column<EvidenceView>[] = [
    { key: 'member', head: t('evidence.whose'), fill: true, cell: ({ member }) => <Name>{names(member)}</Name> },
    { key: 'source', head: t('evidence.source'), cell: ({ source }) => <Name>{names(source)}</Name>, wideOnly: true },
    { key: 'at', head: t('evidence.at'), number: true, cell: ({ at }) => <span className="dim">{fullTime(at)}</span> },
    {
      key: 'file',
      head: t('evidence.file'),
      number: true,
      cell: ({ id, file }) => (
        <Button small icon="download" onClick={() => saveFile(`fork-${id}.evidence`, file, 'text/plain')}>
          {t('download')}
        </Button>
      ),
    },
  ]
  return (
    <Show of={evidence} rows={4}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon="check" title={t('evidence.none')}>
            {t('evidence.noneWhy')}
          </Empty>
        ) : (
          <Table label={t('evidence.title')} columns={columns} rows={items} rowKey={({ id }) => id} />
        )
      }
    </Show>
  )
}

export function QuarantineTab(): ReactNode {
  const pages = usePages<QuarantinePage['items'][number]>('/quarantine?limit=50')
  const names = useMemberNames()
  const nowMs = useNow()
  const columns: readonly Column<QuarantinePage['items'][number]>[] = [
    { key: 'member', head: t('quarantine.from'), cell: ({ member }) => <Name>{names(member)}</Name> },
    {
      key: 'reason',
      head: t('quarantine.why'),
      fill: true,
      cell: ({ reason }) => <Foreign charsMax={300}>{reason}</Foreign>,
    },
    {
      key: 'received',
      head: t('quarantine.received'),
      number: true,
      cell: ({ received }) => <span className="dim nowrap">{when(received, nowMs)}</span>,
    },
  ]
  return (
    <Show of={pages} rows={6}>
      {(items) =>
        items.length === 0 ? (
          <Empty icon="check" title={t('quarantine.none')}>
            {t('quarantine.noneWhy')}
          </Empty>
        ) : (
          <>
            <Table
              label={t('quarantine.title')}
              columns={columns}
              rows={items}
              rowKey={(row) => `${row.member} ${row.at}`}
            />
            <MoreRows of={pages} />
          </>
        )
      }
    </Show>
  )
}

export function TrustTab(): ReactNode {
  const trust = useGet<TrustView>('/trust')
  return <Show of={trust}>{(value) => <Trust key={value.text} trust={value} />}</Show>
}

type Checked = { readonly witnesses: number; readonly n: number; readonly needed: number }

/** The policy that says how many witnesses are enough, as text, checked by the node before it is set. */
function Trust({ trust }: { readonly trust: TrustView }): ReactNode {
  const [text, setText] = useState(trust.text)
  const [checked, setChecked] = useState<Checked>()
  const { busy, fault, run, clear } = useAct()
  const maySet = useRight('administer')
  const done = (next: TrustView, message: string): void => {
    learned('/trust', next)
    changed('/trust')
    confirmDone(message)
  }
  return (
    <div className="cols">
      <div>
        <Block title={t('trust.title')} note={t(trust.own ? 'trust.own' : 'trust.follows')}>
          <div className="form">
            <p className="prose">{t('trust.why')}</p>
            <Area
              label={t('trust.text')}
              hint={t('trust.format')}
              mono
              rows={14}
              readOnly={!maySet}
              value={text}
              onChange={(event) => {
                setText(event.target.value)
                setChecked(undefined)
                clear()
              }}
            />
            <FaultNotice fault={fault} />
            {checked === undefined ? null : (
              <State kind="ok" since={t('trust.counts', { n: checked.n, needed: checked.needed })}>
                {t('trust.valid')}
              </State>
            )}
            {maySet ? (
              <div className="actions">
                <Button
                  kind="primary"
                  busy={busy}
                  whyNot={text === trust.text ? '' : undefined}
                  onClick={() =>
                    run(async () => done(await send<TrustView>('PUT', '/trust', { text }), t('trust.set')))
                  }
                >
                  {t('trust.setVerb')}
                </Button>
                <Button
                  busy={busy}
                  onClick={() => run(async () => setChecked(await send<Checked>('POST', '/trust/check', { text })))}
                >
                  {t('trust.check')}
                </Button>
                {trust.own ? (
                  <Button
                    kind="quiet"
                    busy={busy}
                    onClick={() => run(async () => done(await send<TrustView>('DELETE', '/trust'), t('trust.reset')))}
                  >
                    {t('trust.resetVerb')}
                  </Button>
                ) : null}
              </div>
            ) : null}
          </div>
        </Block>
      </div>
      <div>
        <Block title={t('trust.now')}>
          <Facts
            facts={[
              [t('peer.log'), number(trust.size)],
              [
                t('trust.holding'),
                <State key="k" kind={trust.enough ? 'ok' : 'warning'}>
                  {t('proof.kOf', { k: trust.k, needed: trust.needed })}
                </State>,
              ],
            ]}
          />
          <ul className="plain-list">
            {trust.by.map((name) => (
              <li key={name}>
                <Value>{name}</Value>
              </li>
            ))}
          </ul>
          {trust.n === 0 ? (
            <p className="dim">
              <Text k="trust.alone" />
            </p>
          ) : null}
        </Block>
      </div>
    </div>
  )
}
