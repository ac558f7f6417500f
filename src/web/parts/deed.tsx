// One line of the audit log as a sentence.
import type { ReactNode } from 'react'
import type { DeedView } from '#kernel/http/wire.ts'
import { hasKey, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Name, Value } from '../ui/value.tsx'
import { useSession } from './session.ts'

export function Deed({ deed }: { readonly deed: DeedView }): ReactNode {
  const key = `deed.${deed.action}`
  const subject = deed.subject === '' ? '' : <Value>{<Name charsMax={80}>{deed.subject}</Name>}</Value>
  const who = useActor(deed.actor)
  if (hasKey(key)) return <Text k={key} who={who} subject={subject} />
  return <Text k="deed.other" who={who} action={<Value>{deed.action}</Value>} subject={subject} />
}

export const Actor = ({ actor }: { readonly actor: string }): ReactNode => useActor(actor)

function useActor(actor: string): ReactNode {
  const { user } = useSession()
  const [kind = '', name = ''] = actor.split(/:(.*)/s)
  if (kind === 'user' && name === user?.name) return t('actor.you')
  if (actor === 'admin') return t('actor.admin')
  if (actor === 'node') return t('actor.node')
  if (kind === 'token') return <Text k="actor.token" name={name} />
  if (kind === 'client') return <Text k="actor.client" name={name} />
  return <Name charsMax={60}>{name === '' ? actor : name}</Name>
}
