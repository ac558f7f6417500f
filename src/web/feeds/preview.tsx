// What a look at a source found, beside the form: how much of what, what would be refused and why, the first of it under
// the marking it would get; or what went wrong, and what to do.
import type { ReactNode } from 'react'
import type { FeedPreview } from '#sharing/feeds/wire.ts'
import type { ApiFault } from '../api.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Tlp } from '../parts/marking.tsx'
import { typeName } from '../parts/record.ts'
import { number, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Notice, Skeleton } from '../ui/quiet.tsx'
import { Block } from '../ui/region.tsx'
import { Table } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'

type Props = {
  readonly seen: FeedPreview | undefined
  readonly fault: ApiFault | undefined
  readonly busy: boolean
  /** A collection of the server. */
  readonly onChoose: (from: string) => void
  readonly chosen: string
}

export function PreviewBlock({ seen, fault, busy, onChoose, chosen }: Props): ReactNode {
  return (
    <Block title={t('feeds.preview')}>
      <div className="form" aria-live="polite">
        <FaultNotice fault={fault} />
        {busy ? <Skeleton rows={4} /> : null}
        {seen === undefined ? (
          busy || fault !== undefined ? null : (
            <p className="dim">{t('feeds.previewWhy')}</p>
          )
        ) : seen.collections === undefined ? (
          <Found seen={seen} />
        ) : (
          <Offered collections={seen.collections} onChoose={onChoose} chosen={chosen} />
        )}
      </div>
    </Block>
  )
}

function Offered({
  collections,
  onChoose,
  chosen,
}: Pick<Props, 'onChoose' | 'chosen'> & {
  readonly collections: NonNullable<FeedPreview['collections']>
}): ReactNode {
  if (collections.length === 0) return <p className="dim">{t('feeds.offersNothing')}</p>
  return (
    <>
      <p className="dim">{t('feeds.offers')}</p>
      <Table
        label={t('feeds.from')}
        dense
        flush={false}
        rows={collections}
        rowKey={({ id }) => id}
        mine={({ id }) => id === chosen}
        columns={[
          { key: 'title', head: t('record.name'), fill: true, cell: ({ title }) => <Name>{title}</Name> },
          {
            key: 'do',
            head: <span className="sr">{t('feeds.choose')}</span>,
            number: true,
            cell: ({ id, mayRead }) =>
              mayRead ? (
                <Button small onClick={() => onChoose(id)}>
                  {t('feeds.choose')}
                </Button>
              ) : (
                <span className="faint">{t('feeds.mayNotRead')}</span>
              ),
          },
        ]}
      />
    </>
  )
}

/** Kinds of values and types of objects stand in one list. */
const VALUE_KINDS = ['domain', 'url', 'ipv4', 'ipv6', 'ipv4-net', 'ipv6-net', 'email', 'hash'] as const
const kindName = (kind: string): string => {
  const value = VALUE_KINDS.find((each) => each === kind)
  return value === undefined ? typeName(kind) : t(`value.${value}`)
}

function Found({ seen: { read, more, kinds, refused, sample } }: { readonly seen: FeedPreview }): ReactNode {
  return (
    <>
      <p>
        <span className="strong">{t('feeds.looked', { n: read })}</span>{' '}
        <span className="dim">{t(more ? 'feeds.andMore' : 'feeds.thatIsAll')}</span>
      </p>
      <ul className="plain-list">
        {kinds.map(({ kind, count }) => (
          <li key={kind}>{`${number(count)} ${kindName(kind)}`}</li>
        ))}
      </ul>
      {refused.length === 0 ? null : (
        <Notice kind="warning">
          {t('feeds.wouldRefuse', { n: refused.length })}
          <ul className="plain-list">
            {refused.slice(0, 10).map(({ what, reason }) => (
              <li key={what}>
                <Value wrap>{what}</Value> <Foreign charsMax={200}>{reason}</Foreign>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {sample.length === 0 ? null : (
        <Table
          label={t('feeds.first')}
          dense
          flush={false}
          rows={sample.map((each, at) => ({ ...each, at }))}
          rowKey={({ at }) => at}
          columns={[
            {
              key: 'name',
              head: t('feeds.first'),
              fill: true,
              cell: ({ name }) => <Foreign charsMax={80}>{name}</Foreign>,
            },
            { key: 'kind', head: t('record.type'), cell: ({ kind }) => kindName(kind), wideOnly: true },
            { key: 'tlp', head: 'TLP', cell: ({ tlp }) => <Tlp tlp={tlp} /> },
          ]}
        />
      )}
    </>
  )
}
