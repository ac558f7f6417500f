// One's own things: name, language and looks, ways to sign in, open sessions.
import type { ReactNode } from 'react'
import type { AccountView } from '#identity/wire.ts'
import { Looks } from '../account/looks.tsx'
import { Passkeys } from '../account/passkeys.tsx'
import { Password } from '../account/password.tsx'
import { Sessions } from '../account/sessions.tsx'
import { Totp } from '../account/totp.tsx'
import { useGet } from '../load.ts'
import { attempt } from '../parts/attempt.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { signOut } from '../parts/session.ts'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Block, Facts, PageHead } from '../ui/region.tsx'
import { Name, Value } from '../ui/value.tsx'

export function AccountPage(): ReactNode {
  const account = useGet<AccountView>('/account')
  useHead(t('account.title'), [{ text: t('account.title') }])
  return (
    <>
      <PageHead
        title={t('account.title')}
        lead={t('account.lead')}
        actions={<Button onClick={() => attempt(signOut)}>{t('account.signOut')}</Button>}
      />
      <div className="cols">
        <div>
          <Looks />
          <Show of={account} rows={6}>
            {(value) => (
              <>
                <Password account={value} />
                <Totp account={value} />
                <Passkeys account={value} />
              </>
            )}
          </Show>
        </div>
        <div>
          <Show of={account}>
            {({ user }) => (
              <Block title={t('account.you')}>
                <Facts
                  facts={[
                    [t('people.name'), <Name key="n">{user.display}</Name>],
                    [t('account.userName'), <Value key="v">{user.name}</Value>],
                    [t('people.roleHead'), t(`role.${user.role}`)],
                    ['RED', t(user.red ? 'account.red' : 'account.notRed')],
                  ]}
                />
              </Block>
            )}
          </Show>
          <Sessions />
        </div>
      </div>
    </>
  )
}
