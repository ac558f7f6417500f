// The trust policy: whose signatures count and how many are enough. It is read by the kernel's own code with every key,
// so that what is wrong stands there with its line, and what it means is drawn beside it.
import { useMemo, useState, type ReactNode } from 'react'
import type { TrustView } from '#federation/witness/wire.ts'
import { Fault } from '#kernel/fault.ts'
import { countQuorum, isQuorum, parseTrustPolicy, type TrustPolicy } from '#kernel/trust-policy.ts'
import { send } from '../api.ts'
import { changed, learned, useGet } from '../load.ts'
import { number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Area } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Block, Facts } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Name, Value } from '../ui/value.tsx'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'
import { Show } from './fault.tsx'
import { useKeptText } from './kept-text.ts'
import { QuorumPicture } from './quorum.tsx'
import { useRight } from './session.ts'

export function TrustTab(): ReactNode {
  const trust = useGet<TrustView>('/trust')
  return <Show of={trust}>{(value) => <Trust key={value.text} trust={value} />}</Show>
}

type ReadPolicy = { readonly policy: TrustPolicy } | { readonly fault: Fault }

function read(text: string): ReadPolicy {
  try {
    return { policy: parseTrustPolicy(text) }
  } catch (error) {
    if (error instanceof Fault) return { fault: error }
    throw error
  }
}

function Trust({ trust }: { readonly trust: TrustView }): ReactNode {
  const [text, setText, forget] = useKeptText('comity.draft.trust', trust.text)
  const { busy, fault, run, clear } = useAct()
  const maySet = useRight('administer')
  const holding = useMemo(() => new Set(trust.by), [trust.by])
  const reading = useMemo(() => read(text), [text])
  const [drawn, setDrawn] = useState(reading)
  if ('policy' in reading && drawn !== reading) setDrawn(reading)
  const done = (next: TrustView, message: string): void => {
    forget()
    learned('/trust', next)
    changed('/trust')
    confirmDone(message)
  }
  return (
    <div className="cols">
      <Block title={t('trust.title')} note={t(trust.own ? 'trust.own' : 'trust.follows')}>
        <div className="form">
          <p className="prose">{t('trust.why')}</p>
          <Area
            label={t('trust.text')}
            hint={t('trust.format')}
            mono
            wrap="off"
            rows={14}
            readOnly={!maySet}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              clear()
            }}
          />
          <div role="status">
            <Reading reading={reading} />
          </div>
          <FaultNotice fault={fault} />
          {maySet ? (
            <div className="actions">
              <Button
                kind="primary"
                busy={busy}
                whyNot={'fault' in reading ? t('trust.mend') : text === trust.text ? t('policy.unchanged') : undefined}
                onClick={() => run(async () => done(await send<TrustView>('PUT', '/trust', { text }), t('trust.set')))}
              >
                {t('trust.setVerb')}
              </Button>
              {text === trust.text ? null : (
                <Button kind="quiet" onClick={forget}>
                  {t('trust.discard')}
                </Button>
              )}
              {trust.own ? (
                <Button
                  kind="quiet"
                  busy={busy}
                  onClick={() => run(async () => done(await send<TrustView>('DELETE', '/trust'), t('trust.reset')))}
                >
                  {t('trust.resetVerb')}
                </Button>
              ) : null}
            </div>
          ) : null}
        </div>
      </Block>
      <div>
        <Block title={t('trust.now')}>
          <Facts
            facts={[
              [t('peer.log'), number(trust.size)],
              [
                t('trust.holding'),
                <State key="k" kind={trust.enough ? 'ok' : 'warning'}>
                  {t('proof.kOf', { k: trust.k, needed: trust.needed })}
                </State>,
              ],
            ]}
          />
          {trust.n === 0 ? (
            <p className="dim">
              <Text k={trust.own ? 'trust.nobody' : 'trust.alone'} />
            </p>
          ) : null}
          {trust.silent.map(({ url, reason }) => (
            <Notice kind="warning" key={url}>
              <Name charsMax={400}>{t('trust.silent', { url, reason })}</Name>
            </Notice>
          ))}
        </Block>
        {'policy' in drawn ? (
          <Block
            title={t('trust.quorum')}
            end={
              <State kind={isQuorum(drawn.policy, holding) ? 'ok' : 'warning'}>
                {t(isQuorum(drawn.policy, holding) ? 'trust.reached' : 'trust.notReached')}
              </State>
            }
          >
            <QuorumPicture policy={drawn.policy} holding={holding} />
          </Block>
        ) : null}
      </div>
    </div>
  )
}

/** Below this many witnesses one that is silent, or lies, already counts. */
const FEW = 4

function Reading({ reading }: { readonly reading: ReadPolicy }): ReactNode {
  if ('fault' in reading) {
    const { message, place = '', remedy = '' } = reading.fault
    return (
      <Notice kind="danger">
        {place === '' ? null : (
          <>
            <Value>{place}</Value>{' '}
          </>
        )}
        <Name charsMax={300}>{`${message} ${remedy}`.trim()}</Name>
      </Notice>
    )
  }
  const { n, needed } = countQuorum(reading.policy, new Set())
  return (
    <>
      <State kind="ok" since={t('trust.counts', { n, needed })}>
        {t('trust.valid')}
      </State>
      {n > 0 && n < FEW ? <p className="dim">{t('trust.few')}</p> : null}
    </>
  )
}
