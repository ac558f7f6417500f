// The graph: records as points, what joins them as lines. It begins with those the address names and grows as somebody
// opens more; the same stands below it in words.
import { useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import { type ApiFault, faultOf } from '../api.ts'
import { AddRecord } from '../graph/add.tsx'
import { Canvas } from '../graph/canvas.tsx'
import { findWay, openRecord } from '../graph/fetch.ts'
import { Legend } from '../graph/legend.tsx'
import { Lines } from '../graph/lines.tsx'
import { Model } from '../graph/model.ts'
import { Panel } from '../graph/panel.tsx'
import { FaultText } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { recordTitle, typeName } from '../parts/record.ts'
import { to } from '../paths.ts'
import { go, useAddress } from '../router.tsx'
import { clockTime, t } from '../text/language.ts'
import { defang, plainText } from '../ui/harmless.ts'
import { Empty, Failure } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import '../style/graph.css'

const ROOTS_MAX = 20

export function GraphPage(): ReactNode {
  const { search } = useAddress()
  const ids = search.getAll('id').slice(0, ROOTS_MAX)
  useHead(t('graph.title'), [{ text: t('nav.knowledge'), to: to.knowledge() }, { text: t('graph.title') }])
  const add = (id: string): void => go(to.graph([...new Set([...ids, id])]))
  return (
    <>
      <PageHead title={t('graph.title')} lead={t('graph.lead')} actions={<AddRecord onAdd={add} />} />
      {ids.length === 0 ? (
        <Empty icon="knowledge" title={t('graph.begin')}>
          {t('graph.beginWhy')}
        </Empty>
      ) : (
        <Graph ids={ids} />
      )}
    </>
  )
}

function Graph({ ids }: { readonly ids: readonly string[] }): ReactNode {
  const model = useMemo(() => new Model(), [])
  const version = useSyncExternalStore(model.subscribe, () => model.version)
  const { said, failed, busy, run } = useRunning()
  const named = ids.join(' ')
  useEffect(() => {
    run(async () => {
      let last = ''
      for (const id of named.split(' ')) {
        const point = model.find(id)
        if (point?.root === true) continue
        if (point?.opened === 'all') {
          point.root = true
          model.changed()
        } else last = await openRecord(model, id, true)
        model.choose(model.find(id)?.at)
      }
      return last
    })
  }, [model, named, run])
  const onOpen = (at: number): void => run(async () => openRecord(model, model.points[at]?.id ?? ''))
  const onWay = (from: string, end: string): void => run(async () => findWay(model, from, end))
  const shown = t('graph.shown', { n: count(model.shown), lines: count(model.shownLines) })
  return (
    <>
      {failed === undefined ? null : (
        <Failure
          title={t('failed.title')}
          reason={<FaultText fault={failed.fault} />}
          at={clockTime(failed.atMs)}
          again={failed.again}
        />
      )}
      <div className="graph-cols">
        <section aria-label={t('graph.drawing')}>
          <Canvas model={model} onOpen={onOpen} says={shown} />
          <p className="graph-status label" role="status">
            {[chosenWords(model), said, shown].filter((words) => words !== '').join(' · ')}
          </p>
        </section>
        <aside aria-label={t('graph.beside')}>
          <Panel model={model} busy={busy} onOpen={onOpen} onWay={onWay} />
          <Legend model={model} version={version} />
        </aside>
      </div>
      <Lines model={model} />
    </>
  )
}

function chosenWords(model: Model): string {
  const point = model.points[model.chosen ?? -1]
  if (point === undefined) return ''
  return t('graph.says', {
    name: plainText(defang(recordTitle(point)), 60),
    type: typeName(point.type),
    n: model.layout.degree(point.at),
  })
}

const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0)

type Failed = { readonly fault: ApiFault; readonly atMs: number; readonly again: () => void }
type Running = { readonly said: string; readonly failed: Failed | undefined; readonly waiting: number }

/** What is being fetched, one thing after the other, and what came of the last. */
function useRunning(): Omit<Running, 'waiting'> & {
  readonly busy: boolean
  readonly run: (work: () => Promise<string>) => void
} {
  const [{ said, failed, waiting }, setState] = useState<Running>({ said: '', failed: undefined, waiting: 0 })
  const run = useMemo(() => {
    let queue: Promise<void> = Promise.resolve()
    const begin = (work: () => Promise<string>): void => {
      setState((before) => ({ ...before, failed: undefined, waiting: before.waiting + 1 }))
      queue = queue.then(async () => {
        try {
          const words = await work()
          setState((before) => ({ ...before, said: words, waiting: before.waiting - 1 }))
        } catch (error) {
          const fault = faultOf(error)
          const stopped: Failed = { fault, atMs: Date.now(), again: () => begin(work) }
          setState((before) => ({ said: '', failed: stopped, waiting: before.waiting - 1 }))
        }
      })
    }
    return begin
  }, [])
  return { said, failed, busy: waiting > 0, run }
}
