// Why somebody has a record or has not, in one sentence, by which rule, and what would have to change.
import { useState, type ReactNode } from 'react'
import type { ExplainView } from '#kernel/policy/wire.ts'
import { useGet } from '../load.ts'
import { Tlp } from '../parts/marking.tsx'
import { RuleReason } from '../parts/rule-reason.tsx'
import { Show } from '../parts/fault.tsx'
import { usePeers } from '../parts/needs.ts'
import { peerName } from '../parts/peer.ts'
import { to as addresses } from '../paths.ts'
import { go, Link, useAddress } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Check, Input, Select } from '../ui/field.tsx'
import { shortId } from '../ui/harmless.ts'
import { Empty } from '../ui/quiet.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Name, Value } from '../ui/value.tsx'

export function Why(): ReactNode {
  const { search } = useAddress()
  const [id, to, via] = [search.get('id') ?? '', search.get('to') ?? '', search.get('via') ?? 'peer']
  const asked = id === '' || to === '' ? undefined : `/policy/explain?${new URLSearchParams({ id, to, via })}`
  return (
    <div className="cols cols--even">
      <Question key={`${id} ${to} ${via}`} id={id} to={to} machine={via === 'machine'} />
      {asked === undefined ? (
        <Empty icon="policy" title={t('policy.whyNothing')}>
          {t('policy.whyNothingWhy')}
        </Empty>
      ) : (
        <Answer path={asked} />
      )}
    </div>
  )
}

function Question(asked: { readonly id: string; readonly to: string; readonly machine: boolean }): ReactNode {
  const peers = usePeers()
  const [id, setId] = useState(asked.id)
  const [to, setTo] = useState(asked.to === '' ? 'public' : asked.to)
  const [machine, setMachine] = useState(asked.machine)
  const members = (peers.value?.items ?? []).filter(({ state }) => state !== 'removed')
  return (
    <Block title={t('policy.why')}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          go(addresses.policyWhy({ id: id.trim(), to, via: machine ? 'machine' : 'peer' }))
        }}
      >
        <Input
          label={t('policy.whyRecord')}
          hint={t('policy.whyRecordHint')}
          mono
          required
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
        <Select
          label={t('policy.whyTo')}
          value={to}
          onChange={(event) => setTo(event.target.value)}
          choices={[
            ['public', t('left.public')],
            ['self', t('left.ownPeople')],
            ...members.map((peer) => [peer.member, peerName(peer)] as const),
          ]}
        />
        <Check
          checked={machine}
          onChange={(event) => setMachine(event.target.checked)}
          label={t('policy.whyMachine')}
        />
        <div className="actions">
          <Button kind="primary" type="submit" whyNot={id.trim() === '' ? t('write.needAbout') : undefined}>
            {t('policy.whyAsk')}
          </Button>
        </div>
      </form>
    </Block>
  )
}

function Answer({ path }: { readonly path: string }): ReactNode {
  const answer = useGet<ExplainView>(path)
  return (
    <div>
      <Show of={answer} rows={4}>
        {({ id, versions }) => (
          <Block
            title={t('policy.whyAnswer')}
            end={
              <Link className="link" to={addresses.record(id)}>
                <Value>{shortId(id)}</Value>
              </Link>
            }
          >
            {versions.map((version, at) => (
              <div key={at} className="why-answer">
                <p className="meta">
                  <State kind={version.allow ? 'ok' : 'danger'}>{t(version.allow ? 'policy.yes' : 'policy.no')}</State>
                  <Tlp tlp={version.tlp} />
                  <Name charsMax={60}>{version.collection}</Name>
                </p>
                <ul className="rules">
                  {version.rules.map(({ id: rule, reason }) => (
                    <li key={rule}>
                      <RuleReason rule={rule} reason={reason} /> <Value>{rule}</Value>
                    </li>
                  ))}
                </ul>
                {version.changes.length === 0 ? null : (
                  <>
                    <p className="dim">{t('policy.whyChanges')}</p>
                    <ul className="bullets">
                      {version.changes.map((changes) => (
                        <li key={changes.join()}>
                          <Name charsMax={400}>{changes.join(' + ')}</Name>
                        </li>
                      ))}
                    </ul>
                  </>
                )}
              </div>
            ))}
          </Block>
        )}
      </Show>
    </div>
  )
}
