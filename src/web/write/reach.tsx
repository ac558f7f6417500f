// Who will receive what is about to be said, and who will not and why: the node's own answer, by all its rules.
import { useEffect, useState, type ReactNode } from 'react'
import type { ReachView } from '#kernel/policy/wire.ts'
import { type ApiFault, faultOf, send } from '../api.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { usePrincipalName } from '../parts/left-today.tsx'
import { RuleReason } from '../parts/rule-reason.tsx'
import { t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Notice } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import { Name } from '../ui/value.tsx'
import type { TlpName } from './objects.ts'

const NAMES_SHOWN = 12

export function Reach({ collection, tlp }: { readonly collection: string; readonly tlp: TlpName }): ReactNode {
  const [answer, setAnswer] = useState<ReachView>()
  const [fault, setFault] = useState<ApiFault>()
  useEffect(() => {
    let over = false
    setAnswer(undefined)
    setFault(undefined)
    send<ReachView>('POST', '/policy/reach', { collection, tlp })
      .then((view) => {
        if (!over) setAnswer(view)
      })
      .catch((error: unknown) => {
        if (!over) setFault(faultOf(error))
      })
    return () => {
      over = true
    }
  }, [collection, tlp])
  return (
    <div role="status">
      {fault === undefined ? null : (
        <>
          <p>{t('write.notAsked')}</p>
          <FaultNotice fault={fault} />
        </>
      )}
      {answer === undefined && fault === undefined ? <State kind="wait">{t('write.asking')}</State> : null}
      {answer === undefined ? null : <Answer answer={answer} />}
    </div>
  )
}

function Answer({ answer: { items } }: { readonly answer: ReachView }): ReactNode {
  const names = usePrincipalName()
  const [yes, no] = [items.filter(({ allow }) => allow), items.filter(({ allow }) => !allow)]
  const reasons = Map.groupBy(no, ({ rule, reason }) => `${rule} ${reason}`)
  return (
    <div className="form">
      {yes.length === 0 ? (
        <Notice>{t('write.nobody')}</Notice>
      ) : (
        <Notice kind="warning">
          <Text k="write.reach" n={yes.length} /> <Listed of={yes.map(({ to }) => names(to))} />
        </Notice>
      )}
      {no.length === 0 ? null : (
        <details>
          <summary>{t('write.not', { n: no.length })}</summary>
          <ul className="plain-list">
            {[...reasons].map(([key, those]) => (
              <li key={key}>
                <Listed of={those.map(({ to }) => names(to))} />{' '}
                <RuleReason rule={those[0]?.rule ?? ''} reason={those[0]?.reason ?? ''} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

const Listed = ({ of }: { readonly of: readonly string[] }): ReactNode => (
  <span className="strong">
    {of.slice(0, NAMES_SHOWN).map((name, at) => (
      <span key={name}>
        {at === 0 ? null : ', '}
        <Name charsMax={40}>{name}</Name>
      </span>
    ))}
    {of.length > NAMES_SHOWN ? `, … (${of.length})` : '.'}
  </span>
)
