// One warning: what, where, why, since when, what was done, and what can be done now.
import type { ReactNode } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { age, fullTime, number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Block, Facts } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Foreign, Name, Observable, Value } from '../ui/value.tsx'
import { TlpChip } from './marking.tsx'
import { useMemberNames } from './names.ts'
import { useNow } from './now.ts'
import { useRight, useSession } from './session.ts'
import { warningState } from './warning.ts'
import { WarningDone } from './warning-done.tsx'
import { reasonsFor } from './warning-order.ts'
import { WarningVerbs } from './warning-verbs.tsx'

export function OpenWarning({
  warning,
  all,
  keys,
}: {
  readonly warning: WarningView
  /** Those it is read together with. */
  readonly all: readonly WarningView[]
  /** Whether the keys of its verbs are heard. */
  readonly keys: boolean
}): ReactNode {
  const nowMs = useNow()
  const { user } = useSession()
  const mayWrite = useRight('contribute')
  const names = useMemberNames()
  const { kind, word } = warningState(warning)
  const author = names(warning.author)
  const [first] = warning.matches
  return (
    <article className="open" aria-labelledby="w-title">
      <header className="open-head">
        <div className="meta">
          <span className="mono faint">{t('warning.name', { id: warning.id })}</span>
          <State kind={kind} since={t('warning.since', { age: age(Date.parse(warning.firstSeen), nowMs) })}>
            {word}
          </State>
          <TlpChip tlp={warning.tlp} />
          <span>
            {warning.assigned === undefined ? (
              t('warning.noOwner')
            ) : warning.assigned === user?.name ? (
              t('warning.mine')
            ) : (
              <Text k="warning.ownedBy" who={<Name charsMax={40}>{warning.assigned}</Name>} />
            )}
          </span>
        </div>
        <h1 id="w-title">
          <Foreign>{warning.what}</Foreign>
        </h1>
        <p className="prose dim">
          <Text
            k="warning.sentence"
            asset={<Name>{warning.asset}</Name>}
            value={first === undefined ? '' : <Observable>{first.value}</Observable>}
            watched={first === undefined ? '' : <Observable>{first.watched}</Observable>}
            author={<Name>{author}</Name>}
          />
        </p>
      </header>
      <WarningVerbs warning={warning} keys={keys} />
      <div className="open-cols">
        <div>
          <Reasons warning={warning} all={all} author={author} />
          <Block title={t('warning.todo')}>
            <ul className="plain-list">
              {mayWrite ? (
                <li>
                  <Link className="link" to={to.write('sighting', warning.object)}>
                    <Text k="warning.tell" author={<Name>{author}</Name>} />
                  </Link>
                </li>
              ) : null}
              <li>
                <Link className="link" to={`${to.record(warning.object)}#relations`}>
                  {t('warning.others')}
                </Link>
              </li>
            </ul>
          </Block>
          <WarningDone warning={warning} />
        </div>
        <aside>
          <Block title={t('warning.where')}>
            <Facts
              facts={[
                [t('warning.asset'), <Name key="asset">{warning.asset}</Name>],
                ...warning.matches.slice(0, 8).map(
                  (match) =>
                    [
                      t('warning.watched'),
                      <Observable key={match.watched} wrap>
                        {match.watched}
                      </Observable>,
                      match.watched,
                    ] as const,
                ),
              ]}
            />
          </Block>
          <Block title={t('warning.matched')}>
            <Facts
              facts={[
                [
                  t('warning.record'),
                  <Link key="record" className="link" to={to.record(warning.object)}>
                    <Value wrap>{warning.object}</Value>
                  </Link>,
                ],
                [t('warning.saidBy'), <Name key="author">{author}</Name>],
                [t('warning.known'), fullTime(first?.at ?? warning.firstSeen)],
              ]}
            />
          </Block>
          {warning.proof === undefined ? null : (
            <Block title={t('proof.short')}>
              <Facts
                facts={[
                  [
                    t('proof.leaf'),
                    <Value key="leaf">{`${number(warning.proof.index)} / ${number(warning.proof.size)}`}</Value>,
                  ],
                  [
                    t('proof.log'),
                    <Value key="log" wrap>
                      {warning.proof.origin}
                    </Value>,
                  ],
                ]}
              />
              <p className="small">
                <Link className="link" to={`${to.record(warning.object)}#proof`}>
                  {t('proof.see')}
                </Link>
              </p>
            </Block>
          )}
        </aside>
      </div>
    </article>
  )
}

/** Why it is here, and why it stands before others: sources, not a score. */
function Reasons({
  warning,
  all,
  author,
}: {
  readonly warning: WarningView
  readonly all: readonly WarningView[]
  readonly author: string
}): ReactNode {
  const names = useMemberNames()
  const { members } = reasonsFor(warning, all)
  return (
    <Block title={t('warning.why')} end={<span className="label">{t('warning.noScore')}</span>}>
      <ul className="reasons">
        {members.length < 2 ? null : (
          <li>
            <State kind="danger">{t('warning.several')}</State>
            <span>
              <Text k="warning.severalSay" n={members.length} asset={<Name>{warning.asset}</Name>} />
            </span>
            <span className="src">
              {members.slice(0, 5).map((member, at) => (
                <span key={member}>
                  {at === 0 ? null : ', '}
                  <Name charsMax={40}>{names(member)}</Name>
                </span>
              ))}
            </span>
          </li>
        )}
        {warning.matches.slice(0, 20).map((match) => {
          const isExact = match.watched === match.value
          return (
            <li key={`${match.watched} ${match.value}`}>
              <State kind={isExact ? 'danger' : 'warning'}>{t(`value.${match.kind}` as 'value.ipv4')}</State>
              <span>
                <Text
                  k={isExact ? 'warning.equal' : 'warning.within'}
                  value={<Observable wrap>{match.value}</Observable>}
                  watched={<Observable wrap>{match.watched}</Observable>}
                />
              </span>
              <span className="src">
                <Name charsMax={40}>{author}</Name>
              </span>
            </li>
          )
        })}
      </ul>
    </Block>
  )
}
