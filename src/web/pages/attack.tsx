// The ATT&CK matrix, or any kill chain that is here: how much this node knows of each technique, and what one campaign or
// intrusion set uses.
import type { ReactNode } from 'react'
import type { MatrixView } from '#sharing/picture/wire.ts'
import type { RecordView } from '#sharing/wire.ts'
import { columnsOf, STEPS, typesOf } from '../attack/columns.ts'
import { Grid } from '../attack/grid.tsx'
import { useGet } from '../load.ts'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { recordTitle, typeName } from '../parts/record.ts'
import { useRight } from '../parts/session.ts'
import { to, type AttackAddress } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { defang, plainText } from '../ui/harmless.ts'
import { Check, Input, Select } from '../ui/field.tsx'
import { IconButton } from '../ui/button.tsx'
import { Empty, Notice, Skeleton } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { Foreign } from '../ui/value.tsx'
import '../style/attack.css'

const NoTechniques = ({ mayImport }: { readonly mayImport: boolean }): ReactNode => (
  <Empty icon="knowledge" title={t('attack.none')}>
    {t('attack.noneWhy')}
    {mayImport ? (
      <code className="codebox attack-import">comity import enterprise-attack.json --collection knowledge</code>
    ) : null}
  </Empty>
)

const USERS_MAX = 500
const USING = ['intrusion-set', 'campaign', 'threat-actor'] as const

export function AttackPage(): ReactNode {
  const { search } = useAddress()
  const asked = pick(search)
  const { type: _type, only: _only, ...narrow } = asked
  const matrix = useGet<MatrixView>(
    `/attack?${new URLSearchParams(Object.entries(narrow).filter((each): each is [string, string] => each[1] !== undefined))}`,
  )
  const user = useUser(asked.by)
  useHead(user === undefined ? t('attack.title') : `${defang(recordTitle(user))} · ${t('attack.title')}`, [
    { text: t('nav.knowledge'), to: to.knowledge() },
    { text: t('attack.title') },
  ])
  const mayImport = useRight('contribute')
  return (
    <>
      <PageHead
        title={t('attack.title')}
        lead={t('attack.lead')}
        actions={<IconButton icon="print" label={t('print')} onClick={() => print()} />}
      />
      <Show of={matrix} skeleton={<Skeleton rows={14} />}>
        {(value) =>
          value.chains.length === 0 ? (
            <NoTechniques mayImport={mayImport} />
          ) : (
            <Matrix matrix={value} asked={asked} user={user} />
          )
        }
      </Show>
    </>
  )
}

function pick(search: URLSearchParams): AttackAddress {
  const of = (name: string): string | undefined => search.get(name) ?? undefined
  return { chain: of('chain'), by: of('by'), type: of('type'), only: of('only'), platform: of('platform'), q: of('q') }
}

type MatrixProps = {
  readonly matrix: MatrixView
  readonly asked: AttackAddress
  readonly user: RecordView | undefined
}

function Matrix({ matrix, asked, user }: MatrixProps): ReactNode {
  const isNarrow = asked.platform !== undefined || asked.q !== undefined
  const columns = columnsOf(matrix, asked.type).filter(({ cells }) => !isNarrow || cells.length > 0)
  const ask = (change: AttackAddress): void => go(to.attack({ ...asked, ...change }))
  const name = matrix.chains.find(({ chain }) => chain === matrix.chain)?.name ?? ''
  return (
    <>
      <div className="toolbar">
        {matrix.chains.length < 2 ? null : (
          <Select
            label={t('attack.chain')}
            value={matrix.chain ?? ''}
            choices={matrix.chains.map((each) => [each.chain, plainText(each.name, 60)])}
            onChange={(event) => ask({ chain: event.target.value, platform: undefined })}
          />
        )}
        <Find key={asked.q} asked={asked} ask={ask} />
        {matrix.platforms.length < 2 ? null : (
          <Select
            label={t('attack.platform')}
            value={asked.platform ?? ''}
            choices={[
              ['', t('attack.platformAny')],
              ...matrix.platforms.map((each) => [each, plainText(defang(each), 40)] as const),
            ]}
            onChange={(event) => ask({ platform: event.target.value === '' ? undefined : event.target.value })}
          />
        )}
        <Using asked={asked} ask={ask} />
        <Select
          label={t('attack.by')}
          value={asked.type ?? ''}
          choices={[['', t('attack.byAny')], ...typesOf(matrix).map((type) => [type, typeName(type)] as const)]}
          onChange={(event) => ask({ type: event.target.value })}
        />
        {asked.by === undefined ? null : (
          <Check
            label={t('attack.usedOnly')}
            checked={asked.only === 'used'}
            onChange={(event) => ask({ only: event.target.checked ? 'used' : undefined })}
          />
        )}
      </div>
      {matrix.whole ? null : (
        <div className="stale">
          <Notice>{t('attack.cut')}</Notice>
        </div>
      )}
      <Legend matrix={matrix} by={asked.by} user={user} />
      {columns.length === 0 ? (
        <Empty icon="search" title={t('attack.noneFit')}>
          <Link className="link" to={to.attack({ ...asked, platform: undefined, q: undefined })}>
            {t('attack.showAll')}
          </Link>
        </Empty>
      ) : (
        <Grid
          key={`${matrix.chain} ${asked.only} ${asked.platform} ${asked.q}`}
          label={plainText(name, 80)}
          columns={columns}
          chosen={{ type: asked.type, usedOnly: asked.by !== undefined && asked.only === 'used' }}
        />
      )}
    </>
  )
}

/** A text in names and codes; asked for when it is entered or left. */
function Find({
  asked,
  ask,
}: {
  readonly asked: AttackAddress
  readonly ask: (change: AttackAddress) => void
}): ReactNode {
  const enter = (text: string): void => {
    const q = text.trim() === '' ? undefined : text.trim()
    if (q !== asked.q) ask({ q })
  }
  return (
    <Input
      type="search"
      label={t('attack.find')}
      defaultValue={asked.q ?? ''}
      maxLength={200}
      onBlur={(event) => enter(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') enter(event.currentTarget.value)
      }}
    />
  )
}

/** Whose techniques are marked: the intrusion sets, campaigns and actors that are here. */
function Using({
  asked,
  ask,
}: {
  readonly asked: AttackAddress
  readonly ask: (change: AttackAddress) => void
}): ReactNode {
  const lists = [useUsers(USING[0]), useUsers(USING[1]), useUsers(USING[2])]
  const records = lists.flat().filter(({ latest }) => latest)
  const known = [...new Map(records.map((each) => [each.id, each])).values()]
  const choices = known
    .map((each) => [each.id, plainText(defang(recordTitle(each)), 60)] as const)
    .toSorted((a, b) => a[1].localeCompare(b[1]))
  const named = asked.by === undefined || known.some(({ id }) => id === asked.by)
  return (
    <Select
      label={t('attack.who')}
      value={asked.by ?? ''}
      choices={[
        ['', t('attack.nobody')],
        ...(named ? [] : [[asked.by ?? '', t('attack.thisRecord')] as const]),
        ...choices,
      ]}
      onChange={(event) =>
        ask(event.target.value === '' ? { by: undefined, only: undefined } : { by: event.target.value })
      }
    />
  )
}

const useUsers = (type: string): readonly RecordView[] =>
  useGet<{ items: RecordView[] }>(`/search?${new URLSearchParams({ type, limit: String(USERS_MAX) })}`).value?.items ??
  []

/** The record whose techniques are marked, by its newest version. */
const useUser = (by: string | undefined): RecordView | undefined =>
  useGet<{ versions: RecordView[] }>(
    by === undefined ? undefined : `/records/${encodeURIComponent(by)}`,
  ).value?.versions.at(-1)

function Legend({ matrix, by, user }: Omit<MatrixProps, 'asked'> & { readonly by: string | undefined }): ReactNode {
  const used = matrix.techniques.filter((each) => each.used).length
  const through = matrix.techniques.filter((each) => each.through === true).length
  return (
    <div className="attack-legend">
      <p className="legend">
        <span className="label">{t('attack.scale')}</span>
        {STEPS.map((step, at) => (
          <span key={step}>
            <span className={`attack-swatch attack-cell--${at + 1}`} />
            {t('attack.from', { n: number(step) })}
          </span>
        ))}
        {by === undefined ? null : (
          <span>
            <span className="attack-swatch attack-cell--used" />
            {t('attack.used')}
          </span>
        )}
      </p>
      {by === undefined || user === undefined ? null : (
        <p role="status">
          <Text
            k="attack.says"
            name={
              <Link className="link" to={to.record(by)}>
                <Foreign charsMax={60}>{recordTitle(user)}</Foreign>
              </Link>
            }
            n={used}
            all={matrix.techniques.length}
          />
          {through === 0 ? null : ` ${t('attack.saysThrough', { n: through })}`}
        </p>
      )}
    </div>
  )
}
