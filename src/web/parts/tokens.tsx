// Tokens: what programs of this member show to be let in, each with a role, for some parts, until a day.
import { useState, type ReactNode } from 'react'
import type { MadeToken, TokenView } from '#identity/wire.ts'
import type { NodePart } from '#kernel/role.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { fullTime, t, when } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Empty } from '../ui/quiet.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Value } from '../ui/value.tsx'
import { AddToken } from './add-token.tsx'
import { ConfirmButton } from './confirm.tsx'
import { List } from './list.tsx'
import { useNow } from './now.ts'
import { Secret } from './secret.tsx'
import { useRight } from './session.ts'
import { verbsColumn } from './verbs.tsx'

const NoTokens = ({ action }: { readonly action: ReactNode }): ReactNode => (
  <Empty icon="lock" title={t('tokens.none')} action={action}>
    {t('tokens.noneWhy')}
  </Empty>
)

export function TokensTab(): ReactNode {
  const mayAdminister = useRight('administer')
  const nowMs = useNow()
  const [made, setMade] = useState<MadeToken>()
  const [adding, setAdding] = useState(false)
  const columns: readonly Column<TokenView>[] = [
    { key: 'name', head: t('people.name'), tight: true, cell: (token) => <Value>{token.name}</Value> },
    { key: 'role', head: t('people.roleHead'), tight: true, cell: (token) => t(`role.${token.role}`) },
    {
      key: 'parts',
      head: t('tokens.parts'),
      fill: true,
      wideOnly: true,
      cell: ({ parts }) =>
        parts.length === 0 ? t('tokens.all') : parts.map((part) => t(`part.${part as NodePart}`)).join(', '),
    },
    {
      key: 'used',
      head: t('tokens.used'),
      number: true,
      wideOnly: true,
      cell: ({ lastUsed }) => <span className="dim">{lastUsed === undefined ? t('none') : when(lastUsed, nowMs)}</span>,
    },
    { key: 'state', head: t('record.state'), cell: (token) => <TokenState token={token} nowMs={nowMs} /> },
    ...(mayAdminister
      ? [verbsColumn(({ name, revoked }: TokenView) => (revoked === undefined ? <Revoke name={name} /> : null))]
      : []),
  ]
  const add = mayAdminister ? (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {t('tokens.make')}
    </Button>
  ) : undefined
  return (
    <>
      <List<TokenView>
        path="/tokens?limit=100"
        label={t('settings.tokens')}
        where={t('tokens.where')}
        columns={columns}
        rowKey={(token) => token.name}
        empty={<NoTokens action={add} />}
        actions={add}
      />
      {adding ? <AddToken onClose={() => setAdding(false)} onMade={setMade} /> : null}
      {made === undefined ? null : (
        <Secret title={t('tokens.made')} secret={made.secret} onClose={() => setMade(undefined)}>
          {t('tokens.madeWhy')}{' '}
          {made.token.expires === undefined
            ? t('tokens.untilRevoked')
            : t('tokens.untilTime', { time: fullTime(made.token.expires) })}
        </Secret>
      )}
    </>
  )
}

/** What ends within this time is told of, here as on the page of what needs somebody. */
const SOON_MS = 14 * 24 * 3600_000

function TokenState({ token, nowMs }: { readonly token: TokenView; readonly nowMs: number }): ReactNode {
  const { revoked, expires } = token
  if (revoked !== undefined) return <State kind="off">{t('tokens.revoked')}</State>
  if (expires === undefined)
    return (
      <State kind="ok" since={t('tokens.never')}>
        {t('record.valid')}
      </State>
    )
  const leftMs = Date.parse(expires) - nowMs
  if (leftMs <= 0) return <State kind="off">{t('record.expired')}</State>
  const until = t('record.until', { day: when(expires, nowMs) })
  return (
    <State kind={leftMs < SOON_MS ? 'warning' : 'ok'} since={until}>
      {t(leftMs < SOON_MS ? 'tokens.endsSoon' : 'record.valid')}
    </State>
  )
}

const Revoke = ({ name }: { readonly name: string }): ReactNode => (
  <ConfirmButton
    small
    verb={t('tokens.revoke')}
    title={<Text k="tokens.revokeTitle" name={name} />}
    why={t('tokens.revokeWhy')}
    act={async () => {
      await send('DELETE', `/tokens/${name}`)
      changed('/tokens', '/home')
      confirmDone(t('tokens.revoked'))
    }}
  />
)
