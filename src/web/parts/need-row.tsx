// One thing that needs somebody: what kind, what and why, how old, and the one verb that helps.
import { useState, type ReactNode } from 'react'
import { faultOf, send } from '../api.ts'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { go, Link } from '../router.tsx'
import { age, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { State, type StateKind } from '../ui/state.tsx'
import { Foreign, Name, Observable } from '../ui/value.tsx'
import { useMemberNames } from './names.ts'
import type { Need, NodeNeed } from './needs.ts'
import { useRight } from './session.ts'

type Row = {
  readonly state: StateKind
  readonly word: string
  readonly what: ReactNode
  readonly why: ReactNode
  readonly address: string
  readonly verb: string
  /** What the verb does at once; without it the verb leads to the page where it is done. */
  readonly act?: () => Promise<string>
}

export function NeedRow({
  need,
  nowMs,
  first,
}: {
  readonly need: Need
  readonly nowMs: number
  readonly first: boolean
}): ReactNode {
  const names = useMemberNames()
  const row = describe(need, { mayDecide: useRight('decide'), names })
  const [busy, setBusy] = useState(false)
  const press = (): void => {
    if (row.act === undefined) return go(row.address)
    setBusy(true)
    row
      .act()
      .then(confirmDone)
      .catch((error: unknown) => confirmDone(faultOf(error).message))
      .finally(() => setBusy(false))
  }
  return (
    <li className="need">
      <State kind={row.state}>{row.word}</State>
      <div className="need-what">
        <Link to={row.address}>{row.what}</Link>
        <p>{row.why}</p>
      </div>
      <span className="age">{age(need.atMs, nowMs)}</span>
      <Button small kind={first ? 'primary' : 'plain'} busy={busy} onClick={press}>
        {row.verb}
      </Button>
    </li>
  )
}

type Reader = { readonly mayDecide: boolean; readonly names: (member: string) => string }

function describe(need: Need, reader: Reader): Row {
  switch (need.kind) {
    case 'warning':
      return describeWarning(need, reader)
    case 'fork':
      return {
        state: 'danger',
        word: t('need.fork'),
        what: <Text k="need.fork.what" member={reader.names(need.evidence.member)} />,
        why: t('need.fork.why'),
        address: to.evidence(),
        verb: t('need.fork.verb'),
      }
    default:
      return describeNodeNeed(need, reader)
  }
}

type NodeRow = {
  readonly state: StateKind
  /** Where it is dealt with: a page, or that of the peer it is about. */
  readonly address: 'peer' | ((about: string) => string)
}

const NODE_ROWS: Readonly<Record<NodeNeed, NodeRow>> = {
  frozen: { state: 'danger', address: to.kept },
  alarm: { state: 'danger', address: to.evidence },
  kept: { state: 'wait', address: to.kept },
  rules: { state: 'danger', address: () => to.policy() },
  stopped: { state: 'danger', address: 'peer' },
  doubt: { state: 'danger', address: 'peer' },
  pending: { state: 'wait', address: 'peer' },
  asked: { state: 'wait', address: () => to.takenBack('others') },
  withdrawals: { state: 'warning', address: 'peer' },
  quarantine: { state: 'warning', address: to.quarantine },
  jobs: { state: 'danger', address: () => to.settings('jobs') },
  feeds: { state: 'warning', address: () => to.settings('feeds') },
  silent: { state: 'warning', address: 'peer' },
  folder: { state: 'warning', address: () => to.settings() },
  certificate: { state: 'wait', address: () => to.settings() },
  tokens: { state: 'wait', address: () => to.settings('tokens') },
}

function describeNodeNeed(
  { kind, need }: Extract<Need, { readonly need: unknown }>,
  { names, mayDecide }: Reader,
): Row {
  const { state, address } = NODE_ROWS[kind]
  const { about = '', count, reason } = need
  return {
    state,
    word: t(`need.${kind}`),
    what: <Text k={`need.${kind}.what`} n={count} about={<Name>{names(about)}</Name>} />,
    why: reason === undefined ? t(`need.${kind}.why`) : <Foreign charsMax={200}>{reason}</Foreign>,
    address: address === 'peer' ? to.peer(about) : address(about),
    verb: t(`need.${kind}.verb`),
    ...(kind === 'silent' && mayDecide ? { act: async () => pull(about, names(about)) } : {}),
  }
}

async function pull(member: string, name: string): Promise<string> {
  await send('POST', `/peers/${encodeURIComponent(member)}/pull`)
  changed('/peers', '/home')
  return t('peer.pulled', { member: name })
}

function describeWarning({ warning }: Extract<Need, { kind: 'warning' }>, { mayDecide, names }: Reader): Row {
  const [match] = warning.matches
  return {
    state: 'danger',
    word: t('need.warning'),
    what: <Text k="warning.title" asset={<Name>{warning.asset}</Name>} what={<Foreign>{warning.what}</Foreign>} />,
    why:
      match === undefined ? (
        <Name>{names(warning.author)}</Name>
      ) : (
        <Text
          k="need.warning.why"
          value={<Observable>{match.value}</Observable>}
          author={<Name>{names(warning.author)}</Name>}
          n={warning.matches.length}
        />
      ),
    address: to.warning(warning.id),
    verb: mayDecide ? t('warning.acknowledge') : t('need.read'),
    ...(mayDecide
      ? {
          act: async () => {
            await send('POST', `/warnings/${warning.id}/acknowledge`, {})
            changed('/warnings')
            return t('warning.acknowledged.done', { id: warning.id })
          },
        }
      : {}),
  }
}
