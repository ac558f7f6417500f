// Settings: people, tokens, collections with their TAXII address, TAXII clients, feeds, work, and how the node itself is.
import type { ReactNode } from 'react'
import { FeedsTab } from '../feeds/list.tsx'
import { BackupsTab } from '../parts/backups-tab.tsx'
import { ClientsTab } from '../parts/clients.tsx'
import { CollectionsTab } from '../parts/collections.tsx'
import { useHead } from '../parts/head.ts'
import { JobsTab } from '../parts/jobs.tsx'
import { NodeTab } from '../parts/node-tab.tsx'
import { PeopleTab } from '../parts/people.tsx'
import { useRight } from '../parts/session.ts'
import { TokensTab } from '../parts/tokens.tsx'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { t } from '../text/language.ts'
import { Empty } from '../ui/quiet.tsx'
import { PageHead } from '../ui/region.tsx'
import { Tabs } from '../ui/tabs.tsx'

const TABS = [
  ['', 'settings.people', () => <PeopleTab />],
  ['tokens', 'settings.tokens', () => <TokensTab />],
  ['collections', 'settings.collections', () => <CollectionsTab />],
  ['clients', 'settings.clients', () => <ClientsTab />],
  ['feeds', 'settings.feeds', () => <FeedsTab />],
  ['jobs', 'settings.jobs', () => <JobsTab />],
  ['backups', 'settings.backups', () => <BackupsTab />],
  ['node', 'settings.node', () => <NodeTab />],
] as const

export function SettingsPage({ params }: { readonly params: Readonly<Record<string, string>> }): ReactNode {
  const key = params['tab'] ?? ''
  const [, word, body] = TABS.find(([each]) => each === key) ?? TABS[0]
  const mayAudit = useRight('audit')
  const mayAdminister = useRight('administer')
  const mayLook = key === 'collections' || (key === 'backups' ? mayAdminister : mayAudit)
  useHead(t(word), [{ text: t('nav.settings'), to: to.settings() }, { text: t(word) }])
  return (
    <>
      <PageHead title={t('nav.settings')} lead={t('settings.lead')} />
      <Tabs label={t('nav.settings')}>
        {TABS.map(([each, name]) => (
          <Link
            key={each}
            to={to.settings(each === '' ? undefined : each)}
            aria-current={each === key ? 'page' : undefined}
          >
            {t(name)}
          </Link>
        ))}
      </Tabs>
      {mayLook ? (
        body()
      ) : (
        <Empty icon="lock" title={t('settings.closed')}>
          {t('settings.closedWhy')}
        </Empty>
      )}
    </>
  )
}
