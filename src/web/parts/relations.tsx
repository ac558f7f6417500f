// What a record is related to. (Its own references for now; who points at it is asked of the node.)
import type { ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t } from '../text/language.ts'
import { Block } from '../ui/region.tsx'
import { shortId } from '../ui/harmless.ts'
import { Value } from '../ui/value.tsx'

type Version = RecordDetail['versions'][number]

export function Relations({ version }: { readonly version: Version }): ReactNode {
  const { source_ref: source, target_ref: target } = version.object as { source_ref?: unknown; target_ref?: unknown }
  const ids = [source, target].filter((each) => typeof each === 'string')
  return (
    <Block id="relations" title={t('record.part.relations')}>
      {ids.length === 0 ? (
        <p className="dim">{t('relations.none')}</p>
      ) : (
        <ul>
          {ids.map((id) => (
            <li key={id}>
              <Link className="link" to={to.record(id)}>
                <Value>{shortId(id)}</Value>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Block>
  )
}
