// The rules that stand whatever anybody writes: the floors, and what the settings of collections mean. To be read only.
import type { ReactNode } from 'react'
import type { PolicyView, RuleView } from '#kernel/policy/wire.ts'
import { RuleReason } from '../parts/rule-reason.tsx'
import { t } from '../text/language.ts'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Value } from '../ui/value.tsx'
import { CodeText } from './code-editor.tsx'

export function Floors({ policy }: { readonly policy: PolicyView }): ReactNode {
  return (
    <div className="cols cols--even">
      <Block title={t('policy.floors')}>
        <p className="prose">{t('policy.floorsWhy')}</p>
        <Rules rules={policy.floors} />
      </Block>
      <Block title={t('policy.base')}>
        <p className="prose">{t('policy.baseWhy')}</p>
        <Rules rules={policy.base} />
      </Block>
    </div>
  )
}

function Rules({ rules }: { readonly rules: readonly RuleView[] }): ReactNode {
  return (
    <ul className="rules">
      {rules.map(({ id, effect, reason = '', text }) => (
        <li key={id} id={id}>
          <State kind={effect === 'permit' ? 'ok' : 'danger'} since={<Value>{id}</Value>}>
            {t(`policy.${effect}`)}
          </State>
          <p>
            <RuleReason rule={id} reason={reason} />
          </p>
          <details className="raw">
            <summary>{t('policy.asText')}</summary>
            <CodeText label={id}>{text}</CodeText>
          </details>
        </li>
      ))}
    </ul>
  )
}
