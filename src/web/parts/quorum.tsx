// What a trust policy means, drawn: each group with a place for every part, filled where that part holds, and a line
// where it is enough. The same stands beside it in words.
import type { ReactNode } from 'react'
import type { TrustPolicy } from '#kernel/trust-policy.ts'
import { t } from '../text/language.ts'
import { State } from '../ui/state.tsx'
import { Name } from '../ui/value.tsx'
import { useMemberNames } from './names.ts'

type Holding = ReadonlySet<string>

export function QuorumPicture({
  policy,
  holding,
}: {
  readonly policy: TrustPolicy
  readonly holding: Holding
}): ReactNode {
  if (policy.quorum === 'none') return <p className="dim">{t('trust.nobody')}</p>
  return (
    <ul className="quorum">
      <Part name={policy.quorum} policy={policy} reached={reachedBy(policy, holding)} />
    </ul>
  )
}

/** Witnesses and groups that hold. A group stands below what it is made of. */
function reachedBy({ groups }: TrustPolicy, holding: Holding): Holding {
  const reached = new Set(holding)
  for (const { name, threshold, members } of groups)
    if (members.filter((member) => reached.has(member)).length >= threshold) reached.add(name)
  return reached
}

function Part({
  name,
  policy,
  reached,
}: {
  readonly name: string
  readonly policy: TrustPolicy
  readonly reached: Holding
}): ReactNode {
  const names = useMemberNames()
  const group = policy.groups.find((each) => each.name === name)
  const kind = reached.has(name) ? 'ok' : 'wait'
  if (group === undefined)
    return (
      <li>
        <State kind={kind} since={t(kind === 'ok' ? 'trust.signed' : 'trust.notSigned')}>
          <Name charsMax={60}>{names(name)}</Name>
        </State>
      </li>
    )
  const { threshold, members } = group
  const held = members.filter((member) => reached.has(member)).length
  return (
    <li>
      <State kind={kind} since={t('trust.ofParts', { held, needed: threshold, n: members.length })}>
        <Name charsMax={60}>{names(name)}</Name>
      </State>
      {members.length === 1 ? null : (
        <span className="quorum-row" aria-hidden="true">
          {members.map((member, at) => (
            <span
              key={member}
              className={[
                'quorum-place',
                at < held ? 'quorum-place--held' : '',
                at === threshold - 1 ? 'quorum-place--line' : '',
              ].join(' ')}
            />
          ))}
        </span>
      )}
      <ul className="quorum">
        {members.map((member) => (
          <Part key={member} name={member} policy={policy} reached={reached} />
        ))}
      </ul>
    </li>
  )
}
