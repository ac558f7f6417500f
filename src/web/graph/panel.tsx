// The record that is chosen in the drawing: what it is, and what can be done from it.
import type { ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { Show } from '../parts/fault.tsx'
import { Tlp } from '../parts/marking.tsx'
import { useAuthorName } from '../parts/names.ts'
import { recordTitle, typeName } from '../parts/record.ts'
import { useGet } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { day, number, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Block, Facts, type Fact } from '../ui/region.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'
import type { Model, Point } from './model.ts'

type Doing = {
  readonly model: Model
  readonly busy: boolean
  readonly onOpen: (at: number) => void
  readonly onWay: (from: string, to: string) => void
}

export function Panel({ model, busy, onOpen, onWay }: Doing): ReactNode {
  const point = model.points[model.chosen ?? -1]
  if (point === undefined)
    return (
      <Block title={t('graph.chosen')}>
        <p className="dim">{t('graph.chooseOne')}</p>
      </Block>
    )
  const start = model.points[model.start ?? -1]
  return (
    <Block title={<Foreign charsMax={120}>{recordTitle(point)}</Foreign>}>
      {point.here ? <Known point={point} degree={model.layout.degree(point.at)} /> : <Unknown point={point} />}
      <div className="actions graph-actions">
        <Button
          small
          busy={busy}
          whyNot={point.opened === 'all' ? t('graph.allOpen') : undefined}
          onClick={() => onOpen(point.at)}
        >
          {t(point.opened === 'some' ? 'graph.more' : 'graph.expand')}
        </Button>
        {start === undefined || start === point ? (
          <Button
            small
            aria-pressed={start === point}
            onClick={() => {
              model.start = start === point ? undefined : point.at
              model.changed()
            }}
          >
            {t('graph.wayFrom')}
          </Button>
        ) : (
          <Button small kind="primary" busy={busy} onClick={() => onWay(start.id, point.id)}>
            {t('graph.wayTo')}
          </Button>
        )}
        {point.here ? (
          <Link className="link" to={to.record(point.id)}>
            {t('graph.openRecord')}
          </Link>
        ) : null}
      </div>
      {start === undefined ? null : (
        <p className="dim small">
          {t('graph.wayBegins')} <Foreign charsMax={60}>{recordTitle(start)}</Foreign>
        </p>
      )}
    </Block>
  )
}

const Unknown = ({ point }: { readonly point: Point }): ReactNode => (
  <>
    <p className="dim">{t('graph.notHere')}</p>
    <Value wrap>{point.id}</Value>
  </>
)

function Known({ point, degree }: { readonly point: Point; readonly degree: number }): ReactNode {
  const detail = useGet<RecordDetail>(`/records/${encodeURIComponent(point.id)}`)
  return (
    <Show of={detail} rows={4}>
      {(value) => <KnownFacts detail={value} degree={degree} />}
    </Show>
  )
}

/** Markdown as plain words: its marks say nothing where there is no room for what they mean. */
const withoutMarks = (text: string): string =>
  text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|^#+ /gm, '')

function KnownFacts({ detail, degree }: { readonly detail: RecordDetail; readonly degree: number }): ReactNode {
  const version = detail.versions.findLast(({ latest, withdrawn }) => latest && !withdrawn) ?? detail.versions.at(-1)
  const author = useAuthorName(version?.author ?? '')
  if (version === undefined) return null
  const { description } = version.object as { description?: unknown }
  return (
    <>
      <Facts
        facts={[
          [t('record.type'), typeName(version.type)],
          ['TLP', <Tlp key="tlp" tlp={version.tlp} exercise={version.exercise} />, 'tlp'],
          [t('record.author'), <Name key="author">{author}</Name>],
          [t('graph.joined'), number(degree)],
          version.version === undefined ? undefined : ([t('field.modified'), day(version.version)] satisfies Fact),
        ]}
      />
      {typeof description === 'string' && description.trim() !== '' ? (
        <p className="small dim graph-says">
          <Foreign charsMax={360}>{withoutMarks(description)}</Foreign>
        </p>
      ) : null}
    </>
  )
}
