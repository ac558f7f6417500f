// Another interval, or new credentials, for a feed that is there.
import { useState, type ReactNode } from 'react'
import type { FeedChange, FeedView } from '#sharing/feeds/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import { t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Input } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'

export function ChangeFeed({ feed, onClose }: { readonly feed: FeedView; readonly onClose: () => void }): ReactNode {
  const [everyMinutes, setEveryMinutes] = useState(String(feed.everyMinutes))
  const [user, setUser] = useState('')
  const [secret, setSecret] = useState('')
  const missing = !/^[1-9]\d{0,4}$/.test(everyMinutes)
    ? t('feeds.needEvery')
    : user.trim() !== '' && secret === ''
      ? t('feeds.needSecret')
      : undefined
  const save = async (): Promise<void> => {
    const body: FeedChange = {
      everyMinutes: Number(everyMinutes),
      ...(secret === '' ? {} : { secret }),
      ...(user.trim() === '' ? {} : { user: user.trim() }),
    }
    await send('PATCH', `/feeds/${encodeURIComponent(feed.name)}`, body)
    changed('/feeds', '/jobs')
    confirmDone(t('feeds.saved'))
    onClose()
  }
  return (
    <FormDialog
      title={<Text k="collections.changeTitle" title={feed.name} />}
      verb={t('save')}
      whyNot={missing}
      act={save}
      onClose={onClose}
    >
      <Input
        label={t('feeds.everyMinutes')}
        type="number"
        min={1}
        max={43_200}
        value={everyMinutes}
        onChange={(event) => setEveryMinutes(event.target.value)}
      />
      <Input
        label={t('feeds.user')}
        hint={t('feeds.userHint')}
        autoComplete="off"
        maxLength={200}
        value={user}
        onChange={(event) => setUser(event.target.value)}
      />
      <Input
        label={t('feeds.secret')}
        hint={t('feeds.secretKeep')}
        type="password"
        autoComplete="new-password"
        maxLength={4000}
        value={secret}
        onChange={(event) => setSecret(event.target.value)}
      />
    </FormDialog>
  )
}
