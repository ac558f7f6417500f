// The pictures that a record has a place in, from its page.
import type { ReactNode } from 'react'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'

/** What uses techniques (STIX 2.1 sections 4.3, 4.9, 4.11, 4.17, 4.18). */
const USES = new Set(['campaign', 'intrusion-set', 'threat-actor', 'malware', 'tool'])

export function Pictures({ id, type }: { readonly id: string; readonly type: string }): ReactNode {
  return (
    <>
      {USES.has(type) ? <Button onClick={() => go(to.attack({ by: id }))}>{t('attack.openUsed')}</Button> : null}
      <Button onClick={() => go(to.timeline(id))}>{t('time.title')}</Button>
    </>
  )
}
