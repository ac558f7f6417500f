// Regions of a page: its head, panes that lines separate, blocks, facts.
import { useId, type ReactNode } from 'react'

export function PageHead({
  title,
  meta,
  lead,
  actions,
}: {
  readonly title: ReactNode
  readonly meta?: ReactNode
  readonly lead?: ReactNode
  readonly actions?: ReactNode
}): ReactNode {
  return (
    <header className="page-head">
      <div>
        {meta === undefined ? null : <div className="meta">{meta}</div>}
        <h1>{title}</h1>
        {lead === undefined ? null : <p>{lead}</p>}
      </div>
      {actions === undefined ? null : <div className="actions">{actions}</div>}
    </header>
  )
}

type RegionProps = {
  readonly title: ReactNode
  readonly note?: ReactNode
  readonly state?: ReactNode
  readonly end?: ReactNode
  readonly children: ReactNode
}

/** A part of a page between two lines; what it holds goes from edge to edge. */
export function Pane({ title, note, state, end, children }: RegionProps): ReactNode {
  const id = useId()
  return (
    <section className="pane" aria-labelledby={id}>
      <div className="pane-head">
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span className="label">{note}</span>}
        {state}
        {end === undefined ? null : <span className="end">{end}</span>}
      </div>
      {children}
    </section>
  )
}

/** A part of a page with an inset, for reading. */
export function Block({
  title,
  note,
  end,
  children,
  id,
}: Omit<RegionProps, 'state'> & { readonly id?: string }): ReactNode {
  const heading = useId()
  return (
    <section className="block" id={id} aria-labelledby={heading}>
      <h2 id={heading}>
        {title}
        {note === undefined ? null : <span className="label">{note}</span>}
        {end === undefined ? null : <span className="end">{end}</span>}
      </h2>
      {children}
    </section>
  )
}

export type Fact = readonly [name: ReactNode, value: ReactNode, key?: string]

export function Facts({
  facts,
  wide,
}: {
  readonly facts: readonly (Fact | undefined)[]
  readonly wide?: boolean
}): ReactNode {
  return (
    <dl className={wide === true ? 'facts facts--wide' : 'facts'}>
      {facts
        .filter((fact) => fact !== undefined)
        .map(([name, value, key]) => (
          <div key={key ?? String(name)} className="fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
