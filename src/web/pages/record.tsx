// A record, one page for all kinds: where it came from and its proof, what it says, its versions, its marking, who may see
// it and why, who has it.
import { useMemo, useState, type ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { AnswersList } from '../parts/answered.tsx'
import { Answers, MainAnswer } from '../parts/answers.tsx'
import { useCommands } from '../parts/commands.ts'
import { copy } from '../parts/attempt.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { Exercise, MarkingFacts, TlpChip } from '../parts/marking.tsx'
import { useNow } from '../parts/now.ts'
import { Pictures } from '../parts/pictures.tsx'
import { ProofSpace, ProofStrip } from '../parts/proof-strip.tsx'
import { useAuthorName } from '../parts/names.ts'
import { Reason } from '../parts/reason.tsx'
import { recordTitle, typeName } from '../parts/record.ts'
import { Relations, useJoined } from '../parts/relations.tsx'
import { Says } from '../parts/says.tsx'
import { TakeBack } from '../parts/take-back.tsx'
import { Versions } from '../parts/versions.tsx'
import { WhoHas, WhoMay } from '../parts/who.tsx'
import { isSettled, useGet } from '../load.ts'
import { to } from '../paths.ts'
import { age, day, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { IconButton } from '../ui/button.tsx'
import { defang } from '../ui/harmless.ts'
import { Empty, Notice, Skeleton } from '../ui/quiet.tsx'
import { Block, PageHead } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Foreign, Name } from '../ui/value.tsx'

export type Version = RecordDetail['versions'][number]

export function RecordPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const id = params['id'] ?? ''
  const detail = useGet<RecordDetail>(`/records/${encodeURIComponent(id)}`)
  const newest = detail.value?.versions.at(-1)
  const title = newest === undefined ? t('nav.knowledge') : defang(recordTitle(newest))
  useHead(title, [
    { text: t('nav.knowledge'), to: to.knowledge() },
    ...(newest === undefined ? [] : [{ text: <Foreign charsMax={40}>{recordTitle(newest)}</Foreign> }]),
  ])
  if (detail.fault?.code === 'not-found' && detail.value === undefined)
    return (
      <Empty icon="knowledge" title={t('record.none')}>
        {t('record.noneWhy')}
      </Empty>
    )
  return (
    <Show of={detail} skeleton={<Coming />}>
      {(value) => <Record detail={value} />}
    </Show>
  )
}

/** The page before it is there, in its own measures. */
const Coming = (): ReactNode => (
  <>
    <PageHead
      meta={<span className="skel skel--word" />}
      title={
        <>
          <span className="sr">{t('loading')}</span>
          <span className="skel skel--title" />
        </>
      }
    />
    <div className="tabs" />
    <section className="proof">
      <ProofSpace />
    </section>
    <Skeleton rows={6} />
  </>
)

function Record({ detail }: { readonly detail: RecordDetail }): ReactNode {
  const [chosen, setChosen] = useState<number>()
  const last = detail.versions.length - 1
  const at = Math.min(chosen ?? last, last)
  const version = detail.versions[at]
  const joined = useJoined(detail.id)
  if (version === undefined) return null
  return (
    <>
      <Head detail={detail} version={version} at={at} />
      <nav className="tabs tabs--stick" aria-label={t('record.parts')}>
        {(['proof', 'says', 'relations', 'versions', 'marking', 'has'] as const).map((part) => (
          <a key={part} href={`#${part}`}>
            {t(`record.part.${part}`)}
            {part === 'versions' ? <span className="n">{detail.versions.length}</span> : null}
            {part === 'has' && version.recipients.length > 0 ? (
              <span className="n">{version.recipients.length}</span>
            ) : null}
          </a>
        ))}
      </nav>
      <ProofStrip key={`${version.author} ${version.version}`} version={version} />
      <div className="cols">
        <div>
          <Says version={version} />
          <Answers version={version} />
          <Relations version={version} />
          {isSettled(joined) ? <Versions detail={detail} at={at} onChoose={setChosen} /> : null}
        </div>
        <div>
          <Block id="marking" title={t('record.part.marking')}>
            <MarkingFacts marking={version.marking} />
          </Block>
          <WhoMay id={detail.id} version={version} />
          {version.withdrawal === undefined || version.withdrawal.answers.length === 0 ? null : (
            <Block title={t('answered.title')}>
              <AnswersList answers={version.withdrawal.answers} />
            </Block>
          )}
          <WhoHas version={version} />
        </div>
      </div>
    </>
  )
}

function Head({
  detail,
  version,
  at,
}: {
  readonly detail: RecordDetail
  readonly version: Version
  readonly at: number
}): ReactNode {
  const nowMs = useNow()
  const author = useAuthorName(version.author)
  const commands = useMemo(
    () => [{ id: 'print', title: t('print'), icon: 'print' as const, keys: 'p', run: () => print() }],
    [],
  )
  useCommands(commands)
  return (
    <>
      <PageHead
        meta={
          <>
            <span className="badge">{typeName(version.type)}</span>
            <Validity version={version} nowMs={nowMs} />
            <TlpChip tlp={version.tlp} />
            {version.exercise === true ? <Exercise /> : null}
            <span>
              <Text k="record.owner" author={<Name charsMax={60}>{author}</Name>} />
            </span>
            <span className="faint">
              {t('record.version', { n: at + 1, age: age(Date.parse(version.addedAt), nowMs) })}
            </span>
          </>
        }
        title={<Foreign charsMax={300}>{recordTitle(version)}</Foreign>}
        actions={
          <>
            <TakeBack detail={detail} version={version} />
            <MainAnswer version={version} />
            <Pictures id={detail.id} type={version.type} />
            <IconButton
              icon="copy"
              label={t('record.copy')}
              onClick={() => {
                copy(JSON.stringify(version.object, undefined, 2), t('record.copied'))
              }}
            />
            <IconButton icon="print" label={t('print')} onClick={() => print()} />
          </>
        }
      />
      {version.withdrawal === undefined ? null : (
        <div className="stale">
          <Notice kind="warning">
            <Text
              k="record.withdrawn.why"
              reason={<Reason of={version.withdrawal.reason} />}
              time={day(version.withdrawal.at)}
            />
          </Notice>
        </div>
      )}
    </>
  )
}

function Validity({ version, nowMs }: { readonly version: Version; readonly nowMs: number }): ReactNode {
  if (version.withdrawn) return <State kind="off">{t('record.withdrawn')}</State>
  const object = version.object as { valid_until?: unknown; revoked?: unknown }
  if (object.revoked === true) return <State kind="off">{t('record.revoked')}</State>
  if (!version.latest) return <State kind="off">{t('record.older')}</State>
  if (typeof object.valid_until !== 'string') return <State kind="ok">{t('record.current')}</State>
  const until = day(object.valid_until)
  return Date.parse(object.valid_until) > nowMs ? (
    <State kind="ok" since={t('record.until', { day: until })}>
      {t('record.valid')}
    </State>
  ) : (
    <State kind="off" since={t('record.until', { day: until })}>
      {t('record.expired')}
    </State>
  )
}
