// One peer: the words both sides compare, how the exchange goes, what went there and what came.
import { useState, type ReactNode } from 'react'
import type { PeerView } from '#federation/wire.ts'
import { send } from '../api.ts'
import { useAct } from '../parts/act.ts'
import { ConfirmButton } from '../parts/confirm.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Exchange } from '../parts/exchange.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { useNow } from '../parts/now.ts'
import { Words } from '../parts/pairing.tsx'
import { peerName, peerState } from '../parts/peer.ts'
import { useRight } from '../parts/session.ts'
import { changed, useGet } from '../load.ts'
import { to } from '../paths.ts'
import { go, useAddress } from '../router.tsx'
import { age, fullTime, number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Check, Input } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Block, Facts, PageHead } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'

export function PeerPage(): ReactNode {
  const member = useAddress().search.get('member') ?? ''
  const peer = useGet<PeerView>(member === '' ? undefined : `/peers/${encodeURIComponent(member)}`, { everyMs: 30_000 })
  const name = peer.value === undefined ? member : peerName(peer.value)
  useHead(name, [{ text: t('nav.federation'), to: to.federation() }, { text: <Name>{name}</Name> }])
  return (
    <Show of={peer} rows={10}>
      {(value) => <Peer peer={value} />}
    </Show>
  )
}

function Peer({ peer }: { readonly peer: PeerView }): ReactNode {
  const nowMs = useNow()
  const { kind, word } = peerState(peer, nowMs)
  const mayDecide = useRight('decide')
  const mayPair = useRight('administer')
  const { busy, fault, run } = useAct()
  const path = `/peers/${encodeURIComponent(peer.member)}`
  return (
    <>
      <PageHead
        meta={
          <>
            <State
              kind={kind}
              since={
                peer.lastContact === undefined
                  ? undefined
                  : t('warning.since', { age: age(Date.parse(peer.lastContact), nowMs) })
              }
            >
              {word}
            </State>
            <Value>{peer.member}</Value>
          </>
        }
        title={<Name>{peerName(peer)}</Name>}
        actions={
          mayDecide && peer.state !== 'removed' ? (
            <>
              {peer.state === 'approved' ? (
                <Button
                  busy={busy}
                  onClick={() =>
                    run(async () => {
                      await send('POST', `${path}/pull`)
                      changed('/peers')
                      confirmDone(t('peer.pulled', { member: peerName(peer) }))
                    })
                  }
                >
                  {t('need.silent.verb')}
                </Button>
              ) : null}
              {mayPair ? (
                <ConfirmButton
                  verb={t('peer.end')}
                  title={<Text k="peer.endTitle" member={peerName(peer)} />}
                  why={t('peer.endWhy')}
                  act={async () => {
                    await send('DELETE', path)
                    changed('/peers')
                    go(to.federation())
                  }}
                />
              ) : null}
            </>
          ) : undefined
        }
      />
      <FaultNotice fault={fault} />
      {peer.stopped === undefined ? null : (
        <div className="stale">
          <Notice kind="danger">
            <Text k="peer.stoppedWhy" reason={<Foreign charsMax={400}>{peer.stopped}</Foreign>} />
          </Notice>
        </div>
      )}
      <div className="cols">
        <div>
          {peer.state === 'pending' ? (
            <Approve peer={peer} mayPair={mayPair} />
          ) : (
            <Exchange peer={peer} nowMs={nowMs} />
          )}
        </div>
        <div>
          <Block title={t('peer.facts')}>
            <Facts
              facts={[
                [
                  t('peer.address'),
                  <Value key="url" wrap>
                    {peer.url}
                  </Value>,
                ],
                [t('peer.contact'), peer.lastContact === undefined ? t('none') : fullTime(peer.lastContact)],
                [
                  t('peer.communities'),
                  peer.communities.length === 0 ? t('none') : <Name key="c">{peer.communities.join(', ')}</Name>,
                ],
                [t('peer.log'), number(peer.logSize)],
                [t('peer.given'), number(peer.delivered)],
                [t('peer.taken'), number(peer.received)],
                ...(peer.lastError === undefined
                  ? []
                  : [
                      [
                        t('peer.lastError'),
                        <Foreign key="e" charsMax={300}>
                          {peer.lastError}
                        </Foreign>,
                      ] as const,
                    ]),
              ]}
            />
          </Block>
          {peer.state === 'pending' ? null : (
            <Block title={t('words.title')} end={<span className="label">{t('words.compared')}</span>}>
              <Words words={peer.words} />
            </Block>
          )}
        </div>
      </div>
    </>
  )
}

/** First contact: nothing flows before two people have read the same words to each other. */
function Approve({ peer, mayPair }: { readonly peer: PeerView; readonly mayPair: boolean }): ReactNode {
  const [same, setSame] = useState(false)
  const [communities, setCommunities] = useState('')
  const { busy, fault, run } = useAct()
  const approve = (): void =>
    run(async () => {
      const list = communities.split(/[\s,]+/).filter((each) => each !== '')
      await send('POST', `/peers/${encodeURIComponent(peer.member)}/approve`, { communities: list })
      changed('/peers')
      confirmDone(t('peer.approved', { member: peerName(peer) }))
    })
  return (
    <Block title={t('words.title')}>
      <div className="form">
        <p className="prose">{t('words.why')}</p>
        <Words words={peer.words} />
        {mayPair ? (
          <>
            <Check label={t('words.same')} checked={same} onChange={(event) => setSame(event.target.checked)} />
            <Input
              label={t('peer.communities')}
              hint={t('peer.communitiesHint')}
              mono
              value={communities}
              onChange={(event) => setCommunities(event.target.value)}
            />
            <FaultNotice fault={fault} />
            <div className="actions">
              <Button kind="primary" busy={busy} whyNot={same ? undefined : t('words.first')} onClick={approve}>
                {t('peer.approve')}
              </Button>
            </div>
          </>
        ) : (
          <p className="dim">{t('may.administer')}</p>
        )}
      </div>
    </Block>
  )
}
