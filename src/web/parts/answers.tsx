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

type Version = RecordDetail['versions'][number]
type Kind = 'note' | 'opinion' | 'sighting' | 'change'

/** What may be said about it by whoever sits here. The first is the next step: that we saw it too, or what is new about our own. */
function useKinds({ type, author, version, withdrawn }: Version): readonly Kind[] {
  const mayWrite = useRight('contribute')
  const { member } = useSession()
  if (!mayWrite || withdrawn) return []
  const isOwn = author === member?.id && version !== undefined
  return [...(isOwn ? ['change' as const] : []), ...(UNSEEN.has(type) ? [] : ['sighting' as const]), 'opinion', 'note']
}

/** The next step, at the head of the page. */
export function MainAnswer({ version }: { readonly version: Version }): ReactNode {
  const [kind] = useKinds(version)
  if (kind === undefined) return null
  return (
    <Button kind="primary" onClick={() => go(to.write(kind, version.id))}>
      {t(`answer.${kind}`)}
    </Button>
  )
}

/** All of it in the command bar, and what is not at the head beside what the record says. */
export function Answers({ version }: { readonly version: Version }): ReactNode {
  const { id } = version
  const kinds = useKinds(version).join(' ')
  const ways = useMemo(
    () =>
      kinds.split(' ').flatMap((kind) =>
        kind === ''
          ? []
          : [
              {
                id: `answer ${kind}`,
                title: t(`answer.${kind as Kind}`),
                icon: 'plus' as const,
                run: () => go(to.write(kind as Kind, id)),
              },
            ],
      ),
    [kinds, id],
  )
  useCommands(ways)
  if (ways.length < 2) return null
  return (
    <nav className="answers actions" aria-label={t('answer.title')}>
      {ways.slice(1).map((way) => (
        <Button key={way.id} small kind="quiet" icon={way.icon} onClick={way.run}>
          {way.title}
        </Button>
      ))}
    </nav>
  )
}
