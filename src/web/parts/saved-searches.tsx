// Searches that somebody wants again. The node keeps them for each person, so that they are there wherever that person
// signs in.
import type { ReactNode } from 'react'
import type { SavedSearchView } from '#identity/wire.ts'
import { send } from '../api.ts'
import { changed, useGet } from '../load.ts'
import { to, type SearchAddress } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { plainText } from '../ui/harmless.ts'
import { useAct } from './act.ts'
import { FaultNotice } from './fault-notice.tsx'
import { useMemberNames } from './names.ts'
import type { Page } from './needs.ts'
import { typeName } from './record.ts'

const PATH = '/account/searches'

export function SavedSearches({ asked }: { readonly asked: SearchAddress }): ReactNode {
  const saved = useGet<Page<SavedSearchView>>(PATH)
  const names = useMemberNames()
  const { busy, fault, run } = useAct()
  const act = (method: 'POST' | 'DELETE', path: string, body?: object): void =>
    run(async () => {
      await send(method, path, body)
      changed(PATH)
    })
  const items = saved.value?.items ?? []
  const here = to.knowledge(asked)
  const worthKeeping = here !== to.knowledge() && !items.some(({ search }) => to.knowledge(asSearch(search)) === here)
  return (
    <>
      {items.map(({ id, search }) => (
        <span key={id} className="saved">
          <Button small onClick={() => go(to.knowledge(asSearch(search)))}>
            {inWords(asSearch(search), names)}
          </Button>
          <IconButton
            icon="cross"
            label={t('knowledge.forget', { q: inWords(asSearch(search), names) })}
            onClick={() => act('DELETE', `${PATH}/${id}`)}
          />
        </span>
      ))}
      {worthKeeping ? (
        <Button small kind="quiet" icon="plus" busy={busy} onClick={() => act('POST', PATH, asked)}>
          {t('knowledge.save')}
        </Button>
      ) : null}
      <FaultNotice fault={fault} />
    </>
  )
}

/** In the order in which addresses are written, so that one search has one address. */
function asSearch({ q, type, collection, tlp, author }: SavedSearchView['search']): SearchAddress {
  return Object.fromEntries(
    Object.entries({ q, type, collection, tlp, author }).filter(([, value]) => value !== undefined),
  )
}

function inWords({ q, type, collection, tlp, author }: SearchAddress, names: (member: string) => string): string {
  const words = [q, type && typeName(type), tlp, author && names(author), collection]
  return plainText(words.filter((word) => word !== undefined && word !== '').join(' · '), 40)
}
