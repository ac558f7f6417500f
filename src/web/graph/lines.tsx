// The same as the drawing in words: every line that is shown, as a row.
import { useState, type ReactNode } from 'react'
import { recordTitle, typeName } from '../parts/record.ts'
import { relationWord } from '../parts/relations.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Pane } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign } from '../ui/value.tsx'
import type { Line, Model } from './model.ts'

const PAGE = 50

export function Lines({ model }: { readonly model: Model }): ReactNode {
  const [many, setMany] = useState(PAGE)
  const lines = model.lines.filter((_, at) => model.shownLines[at] === 1)
  const end = (at: number): ReactNode => {
    const point = model.points[at]
    return point === undefined ? null : (
      <button type="button" className="link-btn graph-end" onClick={() => model.choose(at)}>
        <Foreign charsMax={70}>{recordTitle(point)}</Foreign>
      </button>
    )
  }
  const kind = (at: number): ReactNode => <span className="badge">{typeName(model.points[at]?.type ?? '')}</span>
  const columns: readonly Column<Line>[] = [
    { key: 'from', head: t('graph.from'), cell: ({ from }) => end(from) },
    { key: 'fromType', head: t('record.type'), cell: ({ from }) => kind(from), wideOnly: true },
    { key: 'word', head: t('relations.how'), cell: ({ word }) => <span className="nowrap">{relationWord(word)}</span> },
    { key: 'to', head: t('graph.to'), cell: ({ to }) => end(to) },
    { key: 'toType', head: t('record.type'), cell: ({ to }) => kind(to), wideOnly: true },
  ]
  return (
    <Pane title={t('graph.inWords')} note={t('graph.inWordsNote', { n: lines.length })}>
      {lines.length === 0 ? (
        <p className="dim counted">{t('graph.noLines')}</p>
      ) : (
        <div className="graph-lines">
          <Table
            label={t('graph.inWords')}
            columns={columns}
            rows={lines.slice(0, many)}
            rowKey={({ key }) => key}
            mine={(line) => model.isOnWay(line)}
            dense
          />
        </div>
      )}
      {lines.length > many ? (
        <div className="more">
          <Button small onClick={() => setMany(many + 4 * PAGE)}>
            {t('more')}
          </Button>
        </div>
      ) : null}
    </Pane>
  )
}
