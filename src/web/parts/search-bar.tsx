// What is asked of knowledge: words, and what narrows them, with how many there are of each.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { FacetsView } from '#sharing/wire.ts'
import { to, type SearchAddress } from '../paths.ts'
import { go } from '../router.tsx'
import { number, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { plainText } from '../ui/harmless.ts'
import { TLPS } from '../write/objects.ts'
import { useCollections } from './collections.tsx'
import { useMemberNames } from './names.ts'
import { Narrow } from './narrow.tsx'
import { usePeers } from './needs.ts'
import { COMMON_TYPES, typeName } from './record.ts'
import { SavedSearches } from './saved-searches.tsx'
import { useSession } from './session.ts'

const FACETS = ['type', 'tlp', 'author', 'collection'] as const
type FacetName = (typeof FACETS)[number]

export function SearchBar({
  asked,
  facets,
}: {
  readonly asked: SearchAddress
  readonly facets: FacetsView | undefined
}): ReactNode {
  const [words, setWords] = useState(asked.q ?? '')
  const field = useRef<HTMLInputElement>(null)
  const choices = useChoices(asked, facets)
  useEffect(() => setWords(asked.q ?? ''), [asked.q])
  useEffect(() => field.current?.focus(), [])
  const ask = (change: SearchAddress): void => go(to.knowledge({ ...asked, q: words.trim(), ...change }))
  return (
    <search className="search">
      <form
        className="search-line"
        onSubmit={(event) => {
          event.preventDefault()
          ask({})
        }}
      >
        <Icon name="search" />
        <input
          ref={field}
          className="input"
          type="search"
          aria-label={t('knowledge.search')}
          placeholder={t('knowledge.hint')}
          value={words}
          maxLength={500}
          spellCheck={false}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button kind="primary" type="submit">
          {t('knowledge.search')}
        </Button>
      </form>
      <div className="facets">
        {FACETS.map((name) => (
          <Narrow
            key={name}
            label={name === 'tlp' ? 'TLP' : t(`record.${name}`)}
            value={asked[name] ?? ''}
            choices={choices[name]}
            onChoose={(value) => ask({ [name]: value })}
          />
        ))}
        <SavedSearches asked={asked} />
      </div>
    </search>
  )
}

type Choices = Readonly<Record<FacetName, readonly (readonly [value: string, name: string])[]>>

/** What there is most of comes first, with its count; then what else could be chosen. */
function useChoices(asked: SearchAddress, facets: FacetsView | undefined): Choices {
  const collections = useCollections().value?.items ?? []
  const peers = usePeers().value?.items ?? []
  const { member } = useSession()
  const names = useMemberNames()
  const titles = new Map(collections.map(({ alias, uuid, title }) => [alias ?? uuid, title]))
  const of = (name: FacetName, others: readonly string[], nameOf: (value: string) => string): Choices[FacetName] => {
    const counts = new Map(facets?.[name].map(({ value, count }) => [value, count]))
    const values = new Set([...counts.keys(), ...others, ...(asked[name] === undefined ? [] : [asked[name]])])
    return [...values].map((value) => {
      const count = counts.get(value)
      const text = plainText(nameOf(value), 60)
      return [value, count === undefined ? text : `${text} (${number(count)})`]
    })
  }
  return {
    type: of('type', COMMON_TYPES, typeName),
    tlp: of('tlp', TLPS, (tlp) => tlp),
    author: of('author', [...(member === undefined ? [] : [member.id]), ...peers.map((peer) => peer.member)], names),
    collection: of('collection', [...titles.keys()], (name) => titles.get(name) ?? name),
  }
}
