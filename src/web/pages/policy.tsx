// Policy: what leaves this node, to whom, and why. The rules of this member's own are written, tried and put in force
// here; those that nobody can weaken stand beside them.
import type { ReactNode } from 'react'
import type { PolicyView } from '#kernel/policy/wire.ts'
import { useGet } from '../load.ts'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { to } from '../paths.ts'
import { Floors } from '../policy/floors.tsx'
import { History } from '../policy/history.tsx'
import { Matrix } from '../policy/matrix.tsx'
import { Why } from '../policy/why.tsx'
import { Writing } from '../policy/writing.tsx'
import { Link } from '../router.tsx'
import { shortTime, t } from '../text/language.ts'
import { Skeleton } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Tabs } from '../ui/tabs.tsx'
import '../style/policy.css'

const TABS: readonly (readonly [
  key: string,
  word: Parameters<typeof t>[0],
  page: (props: { readonly policy: PolicyView }) => ReactNode,
])[] = [
  ['', 'policy.rules', Writing],
  ['matrix', 'policy.matrix', Matrix],
  ['why', 'policy.why', Why],
  ['floors', 'policy.floors', Floors],
  ['history', 'policy.history', History],
]

export function PolicyPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const policy = useGet<PolicyView>('/policy', { everyMs: 30_000 })
  const key = params['tab'] ?? ''
  const [, word, Body] = TABS.find(([each]) => each === key) ?? TABS[0] ?? []
  useHead(word === undefined ? t('nav.policy') : t(word), [
    { text: t('nav.policy'), to: to.policy() },
    ...(key === '' || word === undefined ? [] : [{ text: t(word) }]),
  ])
  return (
    <>
      <PageHead
        title={t('policy.title')}
        lead={t('policy.lead')}
        meta={policy.value === undefined ? undefined : <Standing policy={policy.value} />}
      />
      <Tabs label={t('nav.policy')}>
        {TABS.map(([each, name]) => (
          <Link
            key={each}
            to={to.policy(each === '' ? undefined : each)}
            aria-current={each === key ? 'page' : undefined}
          >
            {t(name)}
          </Link>
        ))}
      </Tabs>
      <Show of={policy} skeleton={<Skeleton rows={12} />}>
        {(value) => (Body === undefined ? null : <Body policy={value} />)}
      </Show>
    </>
  )
}

function Standing({ policy: { version, since } }: { readonly policy: PolicyView }): ReactNode {
  if (version === 0) return <State kind="off">{t('policy.none')}</State>
  return (
    <State kind="ok" since={since === undefined ? undefined : shortTime(since)}>
      {t('policy.standing', { version })}
    </State>
  )
}
