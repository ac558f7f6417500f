// Who may see a record and why, and who has it: each with the rule that gave or refused it.
import type { ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t, when } from '../text/language.ts'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { useMemberNames } from './names.ts'
import { useNow } from './now.ts'
import { RuleReason } from './rule-reason.tsx'
import { useSession } from './session.ts'

type Version = RecordDetail['versions'][number]
type Rule = {
  readonly key: string
  readonly gave: boolean
  readonly rule: string
  readonly reason: string
  readonly members: readonly string[]
}

export function WhoMay({ id, version }: { readonly id: string; readonly version: Version }): ReactNode {
  const { member } = useSession()
  const rules = rulesOf(version)
  const columns: readonly Column<Rule>[] = [
    {
      key: 'members',
      head: t('peer.member'),
      cell: ({ gave, members }) => (
        <State kind={gave ? 'ok' : 'danger'}>{t('who.members', { n: members.length })}</State>
      ),
    },
    {
      key: 'reason',
      head: t('who.why'),
      cell: ({ rule, reason }) => <RuleReason rule={rule} reason={reason} />,
      fill: true,
    },
    { key: 'rule', head: t('who.rule'), number: true, cell: ({ rule }) => <Value>{rule}</Value> },
  ]
  return (
    <Block
      title={t('who.may')}
      end={
        <Link className="link" to={to.policyWhy({ id, to: 'public' })}>
          {t('policy.whyAsk')}
        </Link>
      }
    >
      {version.author !== member?.id ? (
        <p className="dim">{t('who.theirs')}</p>
      ) : rules.length === 0 ? (
        <p className="dim">{t('who.nobody')}</p>
      ) : (
        <Table
          label={t('who.may')}
          columns={columns}
          rows={rules}
          rowKey={({ key }) => key}
          flush={false}
          dense
          headless
        />
      )}
    </Block>
  )
}

function rulesOf(version: Version): Rule[] {
  const rules = new Map<string, Rule>()
  const add = (gave: boolean, { rule, reason, member }: { rule: string; reason: string; member: string }): void => {
    const key = `${gave} ${rule}`
    const known = rules.get(key)
    rules.set(key, { key, gave, rule, reason, members: [...(known?.members ?? []), member] })
  }
  for (const each of version.recipients) add(true, each)
  for (const each of version.refused) add(false, each)
  return [...rules.values()]
}

type Holder = Version['recipients'][number]

export function WhoHas({ version }: { readonly version: Version }): ReactNode {
  const names = useMemberNames()
  const nowMs = useNow()
  const columns: readonly Column<Holder>[] = [
    {
      key: 'member',
      head: t('peer.member'),
      fill: true,
      cell: ({ member }) => (
        <Link className="cell" to={to.peer(member)}>
          <Name charsMax={50}>{names(member)}</Name>
        </Link>
      ),
    },
    {
      key: 'state',
      head: t('record.state'),
      cell: ({ confirmed }) =>
        confirmed === true ? <State kind="ok">{t('who.has')}</State> : <State kind="wait">{t('who.sent')}</State>,
    },
    {
      key: 'since',
      head: t('who.since'),
      number: true,
      cell: ({ at }) => <span className="dim">{at === undefined ? '' : when(at, nowMs)}</span>,
    },
  ]
  return (
    <Block id="has" title={t('record.part.has')} end={<span className="label">{t('who.told')}</span>}>
      {version.recipients.length === 0 ? (
        <p className="dim">{t(version.proof.witnessed === undefined ? 'who.notOurs' : 'who.none')}</p>
      ) : (
        <>
          <Table
            label={t('record.part.has')}
            columns={columns}
            rows={version.recipients}
            rowKey={({ member }) => member}
            flush={false}
            dense
          />
          {version.withdrawn ? null : (
            <p className="small faint">{t('who.withdraw', { n: version.recipients.length })}</p>
          )}
        </>
      )}
    </Block>
  )
}
