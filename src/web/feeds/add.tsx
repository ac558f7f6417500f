// A new feed: where it is, a look at what it holds, then what becomes of it. Marking and licence are chosen, never assumed.
import { useState, type ReactNode } from 'react'
import type { FeedPreview, FeedView } from '#sharing/feeds/wire.ts'
import type { CollectionView } from '#sharing/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { useAct } from '../parts/act.ts'
import { useCollections } from '../parts/collections.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Show } from '../parts/fault.tsx'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Input, Pick, Select } from '../ui/field.tsx'
import { plainText } from '../ui/harmless.ts'
import { confirmDone } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Block } from '../ui/region.tsx'
import { TLPS } from '../write/objects.ts'
import { BackToFeeds } from './back.tsx'
import { EMPTY, feedOf, KINDS, missingForPreview, missingToAdd, sourceOf, type FeedDraft } from './draft.ts'
import { PreviewBlock } from './preview.tsx'

type Drafting = { readonly draft: FeedDraft; readonly change: (change: Partial<FeedDraft>) => void }

export function AddFeed(): ReactNode {
  const [draft, setDraft] = useState(EMPTY)
  const [seen, setSeen] = useState<FeedPreview>()
  const [looking, adding] = [useAct(), useAct()]
  const collections = useCollections('own')
  const change = (some: Partial<FeedDraft>): void => setDraft((before) => ({ ...before, ...some }))
  const look = (): void =>
    looking.run(async () => {
      setSeen(undefined)
      setSeen(await send<FeedPreview>('POST', '/feeds/preview', sourceOf(draft)))
    })
  const add = (): void =>
    adding.run(async () => {
      const { name } = await send<FeedView>('POST', '/feeds', feedOf(draft))
      changed('/feeds', '/jobs')
      confirmDone(t('feeds.added'))
      go(to.feed(name))
    })
  const [noLook, noAdd] = [missingForPreview(draft), missingToAdd(draft)]
  return (
    <>
      <BackToFeeds />
      <div className="cols">
        <div>
          <Block title={t('feeds.source')}>
            <div className="form">
              <Source draft={draft} change={change} />
              <div className="actions">
                <Button busy={looking.busy} whyNot={noLook === undefined ? undefined : t(noLook)} onClick={look}>
                  {t('feeds.try')}
                </Button>
              </div>
            </div>
          </Block>
          <Block title={t('feeds.becomes')}>
            <div className="form">
              <Show of={collections} rows={4}>
                {({ items }) => <Becomes draft={draft} change={change} own={items} />}
              </Show>
              <FaultNotice fault={adding.fault} />
              <div className="actions">
                <Button
                  kind="primary"
                  busy={adding.busy}
                  whyNot={noAdd === undefined ? undefined : t(noAdd)}
                  onClick={add}
                >
                  {t('feeds.add')}
                </Button>
              </div>
            </div>
          </Block>
        </div>
        <div>
          <PreviewBlock
            seen={seen}
            fault={looking.fault}
            busy={looking.busy}
            onChoose={(from) => change({ from })}
            chosen={draft.from}
          />
        </div>
      </div>
    </>
  )
}

function Source({ draft, change }: Drafting): ReactNode {
  const { kind } = draft
  return (
    <>
      <fieldset className="checks">
        <legend>{t('feeds.kind')}</legend>
        {KINDS.map((each) => (
          <Pick
            key={each}
            title={t(`feeds.kind.${each}`)}
            name="kind"
            checked={kind === each}
            onChange={() => change({ kind: each })}
          >
            {t(`feeds.kindWhy.${each}`)}
          </Pick>
        ))}
      </fieldset>
      <Input
        label={t('feeds.address')}
        hint={t(`feeds.addressHint.${kind}`)}
        mono
        type="url"
        maxLength={2000}
        value={draft.url}
        onChange={(event) => change({ url: event.target.value })}
      />
      {kind === 'taxii' ? (
        <Input
          label={t('feeds.from')}
          hint={t('feeds.fromHint')}
          mono
          maxLength={253}
          value={draft.from}
          onChange={(event) => change({ from: event.target.value })}
        />
      ) : null}
      {kind === 'list' ? (
        <Input
          label={t('feeds.column')}
          hint={t('feeds.columnHint')}
          maxLength={100}
          value={draft.column}
          onChange={(event) => change({ column: event.target.value })}
        />
      ) : null}
      <div className="grid2">
        <Input
          label={t('feeds.user')}
          hint={t('feeds.userHint')}
          autoComplete="off"
          maxLength={200}
          value={draft.user}
          onChange={(event) => change({ user: event.target.value })}
        />
        <Input
          label={t('feeds.secret')}
          hint={t('feeds.secretHint')}
          type="password"
          autoComplete="new-password"
          maxLength={4000}
          value={draft.secret}
          onChange={(event) => change({ secret: event.target.value })}
        />
      </div>
    </>
  )
}

function Becomes({
  draft,
  change,
  own,
}: Drafting & {
  /** The collections of this member. */
  readonly own: readonly CollectionView[]
}): ReactNode {
  const chosen = own.find((each) => (each.alias ?? each.uuid) === draft.collection)
  if (own.length === 0) return <Notice kind="warning">{t('feeds.needOwn')}</Notice>
  return (
    <>
      <div className="grid2">
        <Select
          label={t('feeds.into')}
          value={draft.collection}
          choices={[
            ['', t('feeds.choose')],
            ...own.map(({ alias, uuid, title }) => [alias ?? uuid, plainText(title, 60)] as const),
          ]}
          onChange={(event) => change({ collection: event.target.value })}
        />
        <Select
          label={t('feeds.least')}
          value={draft.tlp}
          choices={[['', t('feeds.choose')], ...TLPS.map((each) => [each, `TLP:${each}`] as const)]}
          onChange={(event) => change({ tlp: event.target.value })}
        />
      </div>
      {draft.tlp === 'AMBER' ? (
        <Input
          label={t('peer.communities')}
          hint={t('collections.communitiesHint')}
          mono
          value={draft.communities}
          onChange={(event) => change({ communities: event.target.value })}
        />
      ) : null}
      <Input
        label={t('feeds.licence')}
        hint={t('feeds.licenceHint')}
        maxLength={500}
        value={draft.licence}
        onChange={(event) => change({ licence: event.target.value })}
      />
      {draft.kind === 'list' ? (
        <Input
          label={t('feeds.revokeDays')}
          hint={t('feeds.revokeHint')}
          type="number"
          min={1}
          max={3650}
          value={draft.revokeDays}
          onChange={(event) => change({ revokeDays: event.target.value })}
        />
      ) : null}
      <div className="grid2">
        <Input
          label={t('feeds.name')}
          hint={t('feeds.nameHint')}
          mono
          maxLength={63}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <Input
          label={t('feeds.everyMinutes')}
          type="number"
          min={1}
          max={43_200}
          value={draft.everyMinutes}
          onChange={(event) => change({ everyMinutes: event.target.value })}
        />
      </div>
      {chosen === undefined || draft.tlp === '' ? null : (
        <Notice {...(chosen.share === 'none' ? {} : { kind: 'warning' as const })}>
          {t('feeds.saidByYou')} {t(`shareWhy.${chosen.share}`)} {t(`tlpWhy.${draft.tlp as 'RED'}`)}
        </Notice>
      )}
    </>
  )
}
