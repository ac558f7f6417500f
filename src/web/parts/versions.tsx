// The versions of a record, each with what changed in it, and any two side by side.
import { useState, type ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { day, hasKey, number, shortTime, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Value } from '../ui/value.tsx'
import { differences, type Difference } from './differences.ts'

type Version = RecordDetail['versions'][number]
type Row = { readonly at: number; readonly version: Version; readonly before: Version | undefined }

const CHANGES_SHOWN = 3

export function Versions({
  detail,
  at,
  onChoose,
}: {
  readonly detail: RecordDetail
  readonly at: number
  readonly onChoose: (at: number) => void
}): ReactNode {
  const [beside, setBeside] = useState(false)
  const rows = detail.versions
    .map((version, index): Row => ({ at: index, version, before: before(detail.versions, index) }))
    .toReversed()
  const columns: readonly Column<Row>[] = [
    {
      key: 'version',
      head: t('version.number'),
      cell: (row) => (
        <button type="button" className="cell-btn" aria-pressed={row.at === at} onClick={() => onChoose(row.at)}>
          <State kind={row.at === at ? 'mine' : 'off'}>{number(row.at + 1)}</State>
        </button>
      ),
    },
    {
      key: 'said',
      head: t('version.said'),
      cell: ({ version }) => <span className="nowrap">{shortTime(version.version ?? version.addedAt)}</span>,
    },
    { key: 'changed', head: t('version.changed'), fill: true, cell: (row) => <Changes row={row} /> },
    {
      key: 'leaf',
      head: t('version.leaf'),
      number: true,
      cell: ({ version }) => <Value>{number(version.proof.index)}</Value>,
    },
  ]
  const current = rows.find((row) => row.at === at)
  return (
    <Block
      id="versions"
      title={t('record.part.versions')}
      end={
        current?.before === undefined ? undefined : (
          <Button small kind="quiet" aria-expanded={beside} onClick={() => setBeside(!beside)}>
            {t('version.beside')}
          </Button>
        )
      }
    >
      <Table label={t('record.part.versions')} columns={columns} rows={rows} rowKey={(row) => row.at} flush={false} />
      {beside && current?.before !== undefined ? <SideBySide row={current} before={current.before} /> : null}
    </Block>
  )
}

/** The version that the same author said before. */
function before(versions: readonly Version[], at: number): Version | undefined {
  return versions.slice(0, at).findLast((each) => each.author === versions[at]?.author)
}

function Changes({ row: { version, before: earlier } }: { readonly row: Row }): ReactNode {
  if (version.withdrawn) return t('record.withdrawn')
  if (earlier === undefined) return t('version.first')
  const changes = differences(earlier.object, version.object)
  if (changes.length === 0) return <span className="dim">{t('version.same')}</span>
  return (
    <>
      {changes.slice(0, CHANGES_SHOWN).map((change, at) => (
        <span key={change.name}>
          {at === 0 ? null : ', '}
          <Change change={change} />
        </span>
      ))}
      {changes.length > CHANGES_SHOWN ? (
        <>
          {', '}
          <Text k="version.more" n={changes.length - CHANGES_SHOWN} />
        </>
      ) : null}
    </>
  )
}

const SHORT = 28
const TIME = /^\d{4}-\d\d-\d\dT/

/** Times as days; everything else as it was said. */
const readable = (value: string): string =>
  TIME.test(value) && Number.isFinite(Date.parse(value)) ? day(value) : value

function Change({ change: { name, from, to } }: { readonly change: Difference }): ReactNode {
  const key = `field.${name}`
  const word = hasKey(key) ? t(key) : <Value>{name}</Value>
  const short = (from?.length ?? 0) <= SHORT && (to?.length ?? 0) <= SHORT
  if (!short) return word
  return (
    <span className="change">
      {word}{' '}
      {from === undefined ? null : (
        <del>
          <Foreign>{readable(from)}</Foreign>
        </del>
      )}
      {to === undefined ? null : (
        <ins>
          <Foreign>{readable(to)}</Foreign>
        </ins>
      )}
    </span>
  )
}

function SideBySide({ row, before: earlier }: { readonly row: Row; readonly before: Version }): ReactNode {
  const columns: readonly Column<Difference>[] = [
    { key: 'name', head: t('version.field'), cell: ({ name }) => <Value>{name}</Value> },
    {
      key: 'from',
      head: t('version.before'),
      cell: ({ from }) =>
        from === undefined ? (
          <span className="faint">{t('none')}</span>
        ) : (
          <del>
            <Foreign charsMax={1200}>{from}</Foreign>
          </del>
        ),
    },
    {
      key: 'to',
      head: t('version.after'),
      cell: ({ to }) =>
        to === undefined ? (
          <span className="faint">{t('none')}</span>
        ) : (
          <ins>
            <Foreign charsMax={1200}>{to}</Foreign>
          </ins>
        ),
    },
  ]
  return (
    <div className="beside change">
      <Table
        label={t('version.beside')}
        columns={columns}
        rows={differences(earlier.object, row.version.object)}
        rowKey={({ name }) => name}
        flush={false}
      />
    </div>
  )
}
