// Writing: indicators out of pasted text, a report, a note. The marking is always chosen, and before anything is said a
// plain sentence tells who will get it. What is typed is kept in this browser until it is sent.
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import type { ImportEvent } from '#sharing/wire.ts'
import { ApiFault, sendFile } from '../api.ts'
import { useAct } from '../parts/act.ts'
import { useCollections } from '../parts/collections.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { usePeers } from '../parts/needs.ts'
import { peerName } from '../parts/peer.ts'
import { useRight } from '../parts/session.ts'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { go, Link } from '../router.tsx'
import { t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Area, Input, Pick, Select } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty, Notice } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { Table } from '../ui/table.tsx'
import { Foreign, Name, Observable } from '../ui/value.tsx'
import { noteOf, objectOf, reportOf, TLPS, type TlpName } from '../write/objects.ts'
import { reachOf } from '../write/reach.ts'
import { valuesIn } from '../write/values.ts'

const KINDS = ['indicators', 'report', 'note'] as const
type Kind = (typeof KINDS)[number]
type Draft = {
  readonly pasted: string
  readonly name: string
  readonly description: string
  readonly about: string
  readonly days: string
}

const EMPTY: Draft = { pasted: '', name: '', description: '', about: '', days: '30' }
const DAY_MS = 86_400_000
const ID = /[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

export function WritePage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const kind = KINDS.find((each) => each === params['kind']) ?? 'indicators'
  const collections = useCollections()
  const mayWrite = useRight('contribute')
  useHead(t('write.title'), [{ text: t('nav.knowledge'), to: to.knowledge() }, { text: t('write.title') }])
  return (
    <>
      <PageHead title={t('write.title')} lead={t('write.lead')} />
      <nav className="tabs" aria-label={t('write.title')}>
        {KINDS.map((each) => (
          <Link key={each} to={to.write(each)} aria-current={each === kind ? 'page' : undefined}>
            {t(`write.${each}`)}
          </Link>
        ))}
      </nav>
      {mayWrite ? (
        <Show of={collections}>
          {({ items }) => <Form key={kind} kind={kind} collections={items.filter(({ own }) => own)} />}
        </Show>
      ) : (
        <Empty icon="lock" title={t('write.closed')}>
          {t('write.closedWhy')}
        </Empty>
      )}
    </>
  )
}

function useDraft(kind: Kind): readonly [Draft, (change: Partial<Draft>) => void, () => void] {
  const key = `comity.draft.${kind}`
  const [draft, setDraft] = useState<Draft>(() => {
    try {
      return { ...EMPTY, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Draft>) }
    } catch {
      return EMPTY
    }
  })
  useEffect(() => {
    if (draft === EMPTY) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(draft))
  }, [draft, key])
  return [draft, (change) => setDraft({ ...draft, ...change }), () => setDraft(EMPTY)]
}

type Collections = Parameters<typeof reachOf>[0] & { readonly uuid: string; readonly title: string }

function Form({ kind, collections }: { readonly kind: Kind; readonly collections: readonly Collections[] }): ReactNode {
  const [draft, change, clear] = useDraft(kind)
  const [uuid, setUuid] = useState(collections[0]?.uuid ?? '')
  const [tlp, setTlp] = useState<TlpName>()
  const [refused, setRefused] = useState<readonly ImportEvent[]>([])
  const { busy, fault, run } = useAct()
  const found = useMemo(() => valuesIn(draft.pasted), [draft.pasted])
  const collection = collections.find((each) => each.uuid === uuid)
  const about = useMemo(() => [...new Set(draft.about.match(ID) ?? [])], [draft.about])
  const missing = whatIsMissing({ kind, draft, found: found.values.length, about: about.length, tlp, collection })
  const save = (): void =>
    run(async () => {
      if (tlp === undefined || collection === undefined) return
      const now = new Date()
      const common = { tlp, now: now.toISOString(), newUuid: uuidv4 }
      const days = Number(draft.days)
      const until = days > 0 ? new Date(now.getTime() + days * DAY_MS).toISOString() : undefined
      const objects =
        kind === 'indicators'
          ? found.values.map((value) => objectOf(value, draft, { ...common, until }))
          : [kind === 'report' ? reportOf(draft, about, common) : noteOf(draft, about, common)]
      const events = await importObjects(collection.uuid, objects)
      const bad = events.filter((event) => event.kind === 'refused' || event.kind === 'broken')
      setRefused(bad)
      const done = events.find((event) => event.kind === 'done')
      if (done === undefined) throw new ApiFault('internal', t('write.notSaved'))
      changed('/search')
      confirmDone(t('write.saved', { n: done.added }))
      if (bad.length > 0) return
      clear()
      const [first] = objects
      if (objects.length === 1 && typeof first?.['id'] === 'string') go(to.record(first['id']))
    })
  if (collections.length === 0)
    return (
      <Empty
        icon="knowledge"
        title={t('collections.none')}
        action={<Button onClick={() => go(to.settings('collections'))}>{t('collections.make')}</Button>}
      >
        {t('collections.noneWhy')}
      </Empty>
    )
  return (
    <div className="cols">
      <div className="block form">
        {kind === 'indicators' ? (
          <>
            <Area
              label={t('write.paste')}
              hint={t('write.pasteHint')}
              mono
              rows={8}
              value={draft.pasted}
              onChange={(event) => change({ pasted: event.target.value })}
            />
            <Preview found={found} />
          </>
        ) : null}
        <Input
          label={t(kind === 'indicators' ? 'write.common' : 'write.name')}
          maxLength={200}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <Area
          label={t(kind === 'note' ? 'field.content' : 'field.description')}
          rows={6}
          value={draft.description}
          onChange={(event) => change({ description: event.target.value })}
        />
        {kind === 'indicators' ? (
          <Input
            label={t('write.days')}
            hint={t('write.daysHint')}
            type="number"
            min={0}
            max={3650}
            value={draft.days}
            onChange={(event) => change({ days: event.target.value })}
          />
        ) : (
          <Area
            label={t('write.about')}
            hint={t('write.aboutHint')}
            mono
            rows={3}
            value={draft.about}
            onChange={(event) => change({ about: event.target.value })}
          />
        )}
      </div>
      <div className="block form">
        <Select
          label={t('record.collection')}
          value={uuid}
          choices={collections.map((each) => [each.uuid, each.title])}
          onChange={(event) => setUuid(event.target.value)}
        />
        <fieldset className="checks">
          <legend>{t('write.marking')}</legend>
          {TLPS.map((each) => (
            <Pick key={each} title={`TLP:${each}`} name="tlp" checked={tlp === each} onChange={() => setTlp(each)}>
              {t(`tlpWhy.${each}`)}
            </Pick>
          ))}
        </fieldset>
        {tlp === undefined || collection === undefined ? null : <Reach collection={collection} tlp={tlp} />}
        <FaultNotice fault={fault} />
        <Refused events={refused} />
        <div className="actions">
          <Button kind="primary" busy={busy} whyNot={missing} onClick={save}>
            {t('write.say')}
          </Button>
        </div>
      </div>
    </div>
  )
}

function whatIsMissing({
  kind,
  draft,
  found,
  about,
  tlp,
  collection,
}: {
  readonly kind: Kind
  readonly draft: Draft
  readonly found: number
  readonly about: number
  readonly tlp: TlpName | undefined
  readonly collection: unknown
}): string | undefined {
  if (collection === undefined) return t('write.needCollection')
  if (kind === 'indicators' && found === 0) return t('write.needValue')
  if (kind === 'report' && draft.name.trim() === '') return t('write.needName')
  if (kind === 'note' && draft.description.trim() === '') return t('write.needText')
  if (kind !== 'indicators' && about === 0) return t('write.needAbout')
  return tlp === undefined ? t('write.needMarking') : undefined
}

function Preview({ found }: { readonly found: ReturnType<typeof valuesIn> }): ReactNode {
  if (found.values.length === 0 && found.others === 0) return null
  return (
    <div>
      <p className="dim">{t('write.found', { n: found.values.length, others: found.others })}</p>
      {found.values.length === 0 ? null : (
        <Table
          label={t('write.preview')}
          rows={found.values.slice(0, 200)}
          rowKey={({ kind, value }) => `${kind} ${value}`}
          flush={false}
          dense
          columns={[
            {
              key: 'value',
              head: t('field.value'),
              fill: true,
              cell: ({ value }) => <Observable wrap>{value}</Observable>,
            },
            { key: 'kind', head: t('record.type'), cell: ({ kind }) => t(`value.${kind}`) },
          ]}
        />
      )}
    </div>
  )
}

/** "12 members will receive this." */
function Reach({ collection, tlp }: { readonly collection: Collections; readonly tlp: TlpName }): ReactNode {
  const peers = usePeers()
  const reached = reachOf(collection, tlp, peers.value?.items ?? [])
  if (reached.length === 0) return <Notice>{t('write.nobody')}</Notice>
  return (
    <Notice kind="warning">
      <Text k="write.reach" n={reached.length} />{' '}
      {reached.slice(0, 12).map((peer, at) => (
        <span key={peer.member}>
          {at === 0 ? null : ', '}
          <Name charsMax={40}>{peerName(peer)}</Name>
        </span>
      ))}
      {reached.length > 12 ? '…' : '.'}
    </Notice>
  )
}

function Refused({ events }: { readonly events: readonly ImportEvent[] }): ReactNode {
  if (events.length === 0) return null
  return (
    <Notice kind="danger">
      {t('write.refused', { n: events.length })}
      <ul className="plain-list">
        {events.slice(0, 10).map((event) => (
          <li key={JSON.stringify(event).slice(0, 200)}>
            <Foreign charsMax={300}>
              {event.kind === 'refused'
                ? event.findings.map(({ path, message }) => `${path} ${message}`).join('; ')
                : event.kind === 'broken'
                  ? event.message
                  : ''}
            </Foreign>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** The node names an import by the hash of its bytes, so that one that broke off goes on where it was. */
async function importObjects(collection: string, objects: readonly object[]): Promise<ImportEvent[]> {
  const { sha256 } = await import('#kernel/hash.ts')
  const body = objects.map((each) => `${JSON.stringify(each)}\n`).join('')
  const digest = sha256(new TextEncoder().encode(body)).toHex()
  const answer = await sendFile<string>(
    `/import?${new URLSearchParams({ collection, digest })}`,
    body,
    'application/x-ndjson',
  )
  return answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ImportEvent)
}

/** `crypto.randomUUID` is only for pages that came over TLS; the random bytes are for all. */
function uuidv4(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toHex()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
