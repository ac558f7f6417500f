// Somebody else has said a newer version of what is being changed: what they changed, and how to go on. Nothing that was
// typed is lost either way.
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Foreign, Value } from '../ui/value.tsx'
import { differences } from './differences.ts'

export function Overtaken({
  before,
  now,
  onMine,
  onTheirs,
}: {
  readonly before: unknown
  readonly now: unknown
  readonly onMine: () => void
  readonly onTheirs: () => void
}): ReactNode {
  return (
    <Notice kind="danger">
      <p>{t('write.overtaken')}</p>
      <ul className="plain-list">
        {differences(before, now).map(({ name, to = '' }) => (
          <li key={name}>
            <Value>{name}</Value> <Foreign charsMax={300}>{to}</Foreign>
          </li>
        ))}
      </ul>
      <div className="actions">
        <Button small onClick={onMine}>
          {t('write.keepMine')}
        </Button>
        <Button small onClick={onTheirs}>
          {t('write.takeTheirs')}
        </Button>
      </div>
    </Notice>
  )
}
