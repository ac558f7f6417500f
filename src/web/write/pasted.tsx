// Text with values in it, and what was found there: every value is shown before anything is said, and may be left out.
import { useState, type ReactNode } from 'react'
import type { valuesIn } from '#kernel/value-text.ts'
import type { Value, ValueKind } from '#kernel/value.ts'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Area, Check } from '../ui/field.tsx'
import { defang } from '../ui/harmless.ts'
import { Notice } from '../ui/quiet.tsx'
import { Table } from '../ui/table.tsx'
import { Observable } from '../ui/value.tsx'
import type { Drafting } from './draft.ts'
import { keyOf } from './make.ts'

export type Found = ReturnType<typeof valuesIn>
type Props = Pick<Drafting, 'draft' | 'change'> & { readonly found: Found }

const ROWS = 200

export function Pasted({ draft, change, found }: Props): ReactNode {
  return (
    <>
      <Area
        label={t('write.paste')}
        hint={t('write.pasteHint')}
        mono
        rows={8}
        value={draft.pasted}
        onChange={(event) => change({ pasted: event.target.value })}
      />
      {found.values.length === 0 && found.others === 0 ? null : (
        <div className="form">
          <p className="dim">{t('write.found', { n: found.values.length, others: found.others })}</p>
          <Doubtful words={found.doubtful} />
          {found.unread === 0 ? null : <Notice kind="warning">{t('write.unread', { n: found.unread })}</Notice>}
          {found.values.length === 0 ? null : <Choice draft={draft} change={change} found={found} />}
        </div>
      )}
    </>
  )
}

/** All that was found, each with a box; and a box for all of a kind, where there are several kinds. */
function Choice({ draft, change, found }: Props): ReactNode {
  const [rows, setRows] = useState(ROWS)
  const left = new Set(draft.left)
  const kinds = Map.groupBy(found.values, ({ kind }) => kind)
  const said = found.values.filter((value) => !left.has(keyOf(value))).length
  const choose = (values: readonly Value[], saying: boolean): void => {
    const keys = new Set(values.map(keyOf))
    const others = draft.left.filter((key) => !keys.has(key))
    change({ left: saying ? others : [...others, ...keys] })
  }
  return (
    <>
      {kinds.size < 2 ? null : (
        <div className="kinds" role="group" aria-label={t('write.kinds')}>
          {[...kinds].map(([kind, values]) => (
            <KindBox
              key={kind}
              kind={kind}
              said={values.filter((value) => !left.has(keyOf(value))).length}
              all={values.length}
              onChange={(saying) => choose(values, saying)}
            />
          ))}
        </div>
      )}
      {said === found.values.length ? null : (
        <p className="strong">{t('write.chosen', { n: said, all: found.values.length })}</p>
      )}
      <Table
        label={t('write.preview')}
        rows={found.values.slice(0, rows)}
        rowKey={keyOf}
        flush={false}
        dense
        columns={[
          {
            key: 'said',
            head: <span className="sr">{t('write.said')}</span>,
            cell: (value) => (
              <input
                type="checkbox"
                aria-label={t('write.saying', { value: defang(value.value).slice(0, 120) })}
                checked={!left.has(keyOf(value))}
                onChange={(event) => choose([value], event.target.checked)}
              />
            ),
          },
          {
            key: 'value',
            head: t('field.value'),
            fill: true,
            cell: ({ value }) => <Observable wrap>{value}</Observable>,
          },
          { key: 'kind', head: t('record.type'), tight: true, cell: ({ kind }) => t(`value.${kind}`) },
        ]}
      />
      {found.values.length <= rows ? null : (
        <p className="actions">
          <span className="dim">{t('write.shown', { n: rows, all: found.values.length })}</span>
          <Button small onClick={() => setRows(rows + 5 * ROWS)}>
            {t('more')}
          </Button>
        </p>
      )}
    </>
  )
}

function KindBox({
  kind,
  said,
  all,
  onChange,
}: {
  readonly kind: ValueKind
  readonly said: number
  readonly all: number
  readonly onChange: (saying: boolean) => void
}): ReactNode {
  return (
    <Check
      label={`${t(`value.${kind}`)} ${said === all ? all : `${said}/${all}`}`}
      checked={said === all}
      onChange={() => onChange(said < all)}
    />
  )
}

function Doubtful({ words }: { readonly words: readonly string[] }): ReactNode {
  if (words.length === 0) return null
  return (
    <details>
      <summary>{t('write.doubtful', { n: words.length })}</summary>
      <p className="small dim">{t('write.doubtfulWhy')}</p>
      <ul className="plain-list">
        {words.map((word) => (
          <li key={word}>
            <Observable wrap>{word}</Observable>
          </li>
        ))}
      </ul>
    </details>
  )
}
