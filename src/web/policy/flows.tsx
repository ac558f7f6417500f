// What rules would change if they were in force: how much would newly flow and how much would stop, to whom, and a few
// records of each to look at before anything is decided.
import type { ReactNode } from 'react'
import type { Flow, PreviewView } from '#kernel/policy/wire.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { usePrincipalName } from '../parts/left-today.tsx'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { shortId } from '../ui/harmless.ts'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Name, Value } from '../ui/value.tsx'
import type { Trying } from './trying.ts'

export function Flows({
  trying,
  whyNot,
}: {
  readonly trying: Trying
  /** Why these rules cannot be tried now. */
  readonly whyNot: string | undefined
}): ReactNode {
  const { progress, result, fault, start } = trying
  return (
    <Block
      title={t('policy.if')}
      end={
        <Button small onClick={start} busy={progress !== undefined} whyNot={whyNot}>
          {t('policy.try')}
        </Button>
      }
    >
      <FaultNotice fault={fault} />
      {progress === undefined ? null : <Progress {...progress} />}
      {result === undefined ? (
        progress === undefined && fault === undefined ? (
          <p className="dim">{t('policy.ifWhy')}</p>
        ) : null
      ) : (
        <Result result={result} />
      )}
    </Block>
  )
}

function Progress({ done, of }: { readonly done: number; readonly of: number }): ReactNode {
  return (
    <p role="status">
      <progress className="progress" max={Math.max(of, 1)} value={done} aria-label={t('policy.trying')} />{' '}
      <span className="label">{t('policy.decided', { done, of })}</span>
    </p>
  )
}

function Result({ result }: { readonly result: PreviewView }): ReactNode {
  const { newly, stops, unread, failing, idle } = result
  return (
    <div className="flow-result" role="status">
      <p className="prose">
        <Text k="policy.more" n={newly.records} to={newly.to} />{' '}
        <Text k="policy.fewer" n={stops.records} to={stops.to} /> {t('policy.rest')}
      </p>
      <Side kind="ok" word={t('policy.newly')} sign="+" side={newly} />
      <Side kind="warning" word={t('policy.stops')} sign="−" side={stops} note={t('policy.stopsWhy')} />
      <Side kind="warning" word={t('policy.unread')} sign="−" side={unread} note={t('policy.unreadWhy')} />
      <Rules kind="danger" word={t('policy.failing')} why={t('policy.failingWhy')} rules={failing} />
      <Rules kind="off" word={t('policy.idle')} why={t('policy.idleWhy')} rules={idle} />
      <p className="small faint">
        {t('policy.counted', {
          records: result.records,
          classes: result.classes,
          recipients: result.recipients,
          version: result.version,
        })}
      </p>
    </div>
  )
}

function Rules({
  kind,
  word,
  why,
  rules,
}: {
  readonly kind: 'danger' | 'off'
  readonly word: string
  readonly why: string
  readonly rules: readonly string[]
}): ReactNode {
  if (rules.length === 0) return null
  return (
    <div>
      <h3>
        <State kind={kind}>{word}</State>
      </h3>
      <p className="dim">{why}</p>
      <ul className="plain-list">
        {rules.map((rule) => (
          <li key={rule}>
            <Value>{rule}</Value>
          </li>
        ))}
      </ul>
    </div>
  )
}

const ROWS_SHOWN = 50

function Side({
  kind,
  word,
  sign,
  side,
  note,
}: {
  readonly kind: 'ok' | 'warning'
  readonly word: string
  readonly sign: string
  readonly side: PreviewView['newly']
  readonly note?: string
}): ReactNode {
  const names = usePrincipalName()
  if (side.records === 0) return null
  return (
    <section aria-label={word}>
      <h3 className="flow-head">
        <State kind={kind}>{word}</State>
        <span className="mono">{`${sign}${number(side.records)}`}</span>
      </h3>
      <ul className="flows">
        {side.flows.slice(0, ROWS_SHOWN).map((flow) => (
          <li key={`${flow.to} ${flow.collection} ${flow.marking} ${flow.records}`}>
            <OneFlow flow={flow} to={names(flow.to)} />
          </li>
        ))}
      </ul>
      {side.flows.length > ROWS_SHOWN ? <p className="small faint">{t('policy.largest', { n: ROWS_SHOWN })}</p> : null}
      {note === undefined ? null : <p className="small dim">{note}</p>}
    </section>
  )
}

function OneFlow({ flow, to: recipient }: { readonly flow: Flow; readonly to: string }): ReactNode {
  return (
    <>
      <span className="flow-line">
        <span className="strong">
          <Name charsMax={60}>{recipient}</Name>
        </span>
        <span className="mono">{number(flow.records)}</span>
      </span>
      <span className="small dim">
        <Name charsMax={120}>{flow.marking}</Name> · <Name charsMax={60}>{flow.collection}</Name> ·{' '}
        <Value>{flow.rule}</Value>
      </span>
      {flow.examples.length === 0 ? null : (
        <span className="small flow-examples">
          {flow.examples.map((id) => (
            <Link key={id} className="link" to={to.record(id)}>
              <Value>{shortId(id)}</Value>
            </Link>
          ))}
        </span>
      )}
    </>
  )
}
