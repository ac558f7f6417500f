// Writing: indicators out of pasted text, a report, a note, an opinion, a sighting, and the next version of a record of
// one's own. The marking is always chosen, and before anything is said a plain sentence tells who will get it.
import { useMemo, useState, type ReactNode } from 'react'
import type { ImportEvent, RecordDetail } from '#sharing/wire.ts'
import { ApiFault, get } from '../api.ts'
import { useAct } from '../parts/act.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { TlpWord } from '../parts/marking.tsx'
import { OwnCollections } from '../parts/own-collections.tsx'
import { useRight, useSession } from '../parts/session.ts'
import { Overtaken } from '../parts/overtaken.tsx'
import { WriteFields } from '../parts/write-fields.tsx'
import { changed, learned, useGet } from '../load.ts'
import { to } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Pick, Select } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty, Notice } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { Foreign } from '../ui/value.tsx'
import { useDraft, type Draft } from '../write/draft.ts'
import { useMade } from '../write/made.ts'
import { idsIn, keyOf, KINDS, whatIsMissing, type Kind, type Writing } from '../write/make.ts'
import { textOf, TLPS, type Fields, type TlpName } from '../write/objects.ts'
import { Reach } from '../write/reach.tsx'
import { importObjects } from '../write/say.ts'
import { valuesIn } from '#kernel/value-text.ts'

type Version = RecordDetail['versions'][number]

export function WritePage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const { search } = useAddress()
  const about = search.get('about') ?? ''
  const kind = params['kind'] === 'change' ? 'change' : (KINDS.find((each) => each === params['kind']) ?? 'indicators')
  const title = t(kind === 'change' ? 'write.changing' : 'write.title')
  const mayWrite = useRight('contribute')
  useHead(title, [{ text: t('nav.knowledge'), to: to.knowledge() }, { text: title }])
  return (
    <>
      <PageHead title={title} lead={t(kind === 'change' ? 'write.changeLead' : 'write.lead')} />
      {kind === 'change' ? null : (
        <Tabs label={t('write.title')}>
          {KINDS.map((each) => (
            <Link key={each} to={to.write(each, about)} aria-current={each === kind ? 'page' : undefined}>
              {t(`write.${each}`)}
            </Link>
          ))}
        </Tabs>
      )}
      {!mayWrite ? (
        <Empty icon="lock" title={t('write.closed')}>
          {t('write.closedWhy')}
        </Empty>
      ) : kind === 'change' ? (
        <Change id={about} />
      ) : (
        <OwnCollections>
          {(collections) => <Form key={`${kind} ${about}`} kind={kind} about={about} collections={collections} />}
        </OwnCollections>
      )}
    </>
  )
}

/** The next version of a record of one's own, from the one that is newest when somebody begins. */
function Change({ id }: { readonly id: string }): ReactNode {
  const { member } = useSession()
  const detail = useGet<RecordDetail>(`/records/${encodeURIComponent(id)}`)
  return (
    <Show of={detail}>
      {(value) => {
        const newest = newestOf(value, member?.id)
        return newest === undefined ? (
          <Empty icon="lock" title={t('write.notOwn')}>
            {t('write.notOwnWhy')}
          </Empty>
        ) : (
          <OwnCollections>
            {(collections) => (
              <Form
                kind="change"
                about={id}
                before={newest}
                earlier={value.versions}
                collections={collections.filter(({ alias, uuid }) => (alias ?? uuid) === newest.collection)}
              />
            )}
          </OwnCollections>
        )
      }}
    </Show>
  )
}

const beginOf = (version: Version): Partial<Draft> => ({
  ...textOf(version.object as Fields),
  basis: version.version ?? '',
})

const newestOf = ({ versions }: RecordDetail, author: string | undefined): Version | undefined =>
  versions.findLast((each) => each.author === author && !each.withdrawn && each.version !== undefined)

type Collections = {
  readonly uuid: string
  readonly alias: string | null
  readonly title: string
}

function Form({
  kind,
  about: given,
  before,
  earlier = [],
  collections,
}: {
  readonly kind: Kind
  /** The record it is about, where somebody came from one. */
  readonly about: string
  /** The version that is changed, and those there are: a draft goes on from the one it began with. */
  readonly before?: Version
  readonly earlier?: readonly Version[]
  readonly collections: readonly Collections[]
}): ReactNode {
  const { user } = useSession()
  const drafting = useDraft(
    [user?.name, kind, given].filter((part) => part !== '').join(' '),
    before === undefined ? { about: given } : beginOf(before),
  )
  const { draft, clear } = drafting
  const [uuid, setUuid] = useState(collections[0]?.uuid ?? '')
  const [tlp, setTlp] = useState<TlpName>()
  const [refused, setRefused] = useState<readonly ImportEvent[]>([])
  const basis = earlier.find(({ version }) => version === draft.basis) ?? before
  const [overtaken, setOvertaken] = useState<Version>()
  const { busy, fault, run } = useAct()
  const found = useMemo(() => valuesIn(draft.pasted), [draft.pasted])
  const saying = useMemo(() => {
    const left = new Set(draft.left)
    return found.values.filter((value) => !left.has(keyOf(value)))
  }, [found, draft.left])
  const about = useMemo(() => idsIn(draft.about), [draft.about])
  const collection = collections.find((each) => each.uuid === uuid)
  const writing: Writing = {
    kind,
    draft,
    values: saying,
    about,
    ...(basis === undefined ? {} : { before: basis.object as Fields }),
  }
  const missing = whatIsMissing(writing)
  const needed =
    collection === undefined
      ? 'write.needCollection'
      : (missing ?? (tlp === undefined ? 'write.needMarking' : undefined))
  const made = useMade()
  const unseen = tlp === 'RED' && user?.red === false
  const goOn = (from: Version, text: Partial<Draft> = {}): void => {
    drafting.change({ ...text, basis: from.version ?? '' })
    setOvertaken(undefined)
  }
  const save = (): void =>
    run(async () => {
      if (tlp === undefined || collection === undefined) return
      const { objects, again } = made.of(writing, tlp)
      const newer = basis === undefined ? undefined : await versionAfter(given, basis)
      const isOurs = again && (newer?.object as Fields | undefined)?.['modified'] === objects[0]?.['modified']
      setOvertaken(isOurs ? undefined : newer)
      if (newer !== undefined && !isOurs) return
      const events = await importObjects(collection.uuid, objects)
      const bad = events.filter((event) => event.kind === 'refused' || event.kind === 'broken')
      setRefused(bad)
      const done = events.find((event) => event.kind === 'done')
      if (done === undefined) throw new ApiFault('internal', t('write.notSaved'))
      changed('/search', '/records/')
      if (bad.length > 0) return
      made.forget()
      confirmDone(
        done.kept > 0
          ? t('write.kept', { n: done.kept })
          : t('write.saved', { n: done.added + (again ? done.known : 0) }),
      )
      clear()
      const [first] = objects
      if (given !== '' && !(unseen && kind === 'change')) go(to.record(given))
      else if (!unseen && done.kept === 0 && objects.length === 1 && typeof first?.['id'] === 'string')
        go(to.record(first['id']))
    })
  return (
    <div className="cols">
      <div className="block form">
        <WriteFields kind={kind} drafting={drafting} found={found} type={before?.type} />
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
          {basis === undefined ? null : <p className="small dim">{t('write.markedBefore', { tlp: basis.tlp })}</p>}
          {TLPS.map((each) => (
            <Pick
              key={each}
              title={<TlpWord tlp={each} />}
              name="tlp"
              checked={tlp === each}
              onChange={() => setTlp(each)}
            >
              {t(`tlpWhy.${each}`)}
            </Pick>
          ))}
        </fieldset>
        {tlp === undefined || collection === undefined ? null : <Reach collection={collection.uuid} tlp={tlp} />}
        {unseen ? <Notice kind="warning">{t('write.unseen')}</Notice> : null}
        {overtaken === undefined ? null : (
          <Overtaken
            before={basis?.object}
            now={overtaken.object}
            onMine={() => goOn(overtaken)}
            onTheirs={() => goOn(overtaken, beginOf(overtaken))}
          />
        )}
        {drafting.kept ? null : <Notice kind="warning">{t('write.notKept')}</Notice>}
        <FaultNotice fault={fault} />
        <Refused events={refused} />
        <div className="actions">
          <Button kind="primary" busy={busy} whyNot={needed === undefined ? undefined : t(needed)} onClick={save}>
            {t('write.say')}
          </Button>
        </div>
      </div>
    </div>
  )
}

/** The version that somebody else has said since, if any. */
async function versionAfter(id: string, before: Version): Promise<Version | undefined> {
  const path = `/records/${encodeURIComponent(id)}`
  const detail = await get<RecordDetail>(path)
  learned(path, detail)
  const newest = newestOf(detail, before.author)
  return newest?.version === before.version ? undefined : newest
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
