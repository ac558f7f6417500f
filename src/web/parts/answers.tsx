// Saying something about a record: a note, an opinion, that it was seen here; and the next version of one's own.
import { useMemo, type ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { useCommands } from './commands.ts'
import { useRight, useSession } from './session.ts'

/** Of these nobody has a sighting: STIX 2.1 section 5.2 sights domain objects. */
const UNSEEN = new Set(['relationship', 'sighting', 'note', 'opinion', 'report', 'marking-definition', 'identity'])

export function Answers({ version }: { readonly version: RecordDetail['versions'][number] }): ReactNode {
  const mayWrite = useRight('contribute')
  const { member } = useSession()
  const { id, type, author, withdrawn } = version
  const isOwn = author === member?.id && version.version !== undefined
  const ways = useMemo(() => {
    if (!mayWrite || withdrawn) return []
    const kinds = ['note', 'opinion', ...(UNSEEN.has(type) ? [] : ['sighting']), ...(isOwn ? ['change'] : [])] as const
    return kinds.map((kind) => ({
      id: `answer ${kind}`,
      title: t(`answer.${kind as 'note' | 'opinion' | 'sighting' | 'change'}`),
      icon: 'plus' as const,
      run: () => go(to.write(kind, id)),
    }))
  }, [mayWrite, withdrawn, type, isOwn, id])
  useCommands(ways)
  if (ways.length === 0) return null
  return (
    <nav className="answers actions" aria-label={t('answer.title')}>
      {ways.map((way) => (
        <Button key={way.id} small kind="quiet" icon={way.icon} onClick={way.run}>
          {way.title}
        </Button>
      ))}
    </nav>
  )
}
