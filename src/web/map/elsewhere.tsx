// Members that the map has no place for: they say no country, or one that it does not know. They count as much as the others.
import type { ReactNode } from 'react'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t } from '../text/language.ts'
import { Block } from '../ui/region.tsx'
import { Name } from '../ui/value.tsx'
import type { Member } from './map.tsx'
import { withoutCountry } from './says.ts'

export function Elsewhere({ members }: { readonly members: readonly Member[] }): ReactNode {
  if (members.length === 0) return null
  return (
    <Block title={t('map.elsewhere')} note={t('map.count', { n: members.length })}>
      <p className="dim">{t('map.elsewhereWhy')}</p>
      <ul className="map-list">
        {members.map(({ key, name, says, country, state }) => (
          <li key={key}>
            {state === 'own' ? (
              <Name charsMax={50}>{name}</Name>
            ) : (
              <Link to={to.peer(key)} aria-label={says}>
                <Name charsMax={50}>{name}</Name>
              </Link>
            )}
            <small className="dim">
              {state === 'own' && country === undefined
                ? t('map.ownNowhere')
                : country === undefined
                  ? t(withoutCountry(state))
                  : t('map.unknown', { country })}
            </small>
          </li>
        ))}
      </ul>
    </Block>
  )
}
