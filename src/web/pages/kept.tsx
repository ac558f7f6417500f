// What is kept while this log may not be signed: why it may not, what was received meanwhile, and the two ways on.
import { useState, type ReactNode } from 'react'
import type { HealedView } from '#federation/heal/wire.ts'
import type { KeptView } from '#kernel/http/wire.ts'
import { send } from '../api.ts'
import { changed, usePages } from '../load.ts'
import { useAct } from '../parts/act.ts'
import { ConfirmButton } from '../parts/confirm.tsx'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { Show } from '../parts/fault.tsx'
import { useHead } from '../parts/head.ts'
import { MoreRows } from '../parts/more-rows.tsx'
import { useMemberNames } from '../parts/names.ts'
import { useHome } from '../parts/needs.ts'
import { useNow } from '../parts/now.ts'
import { useRight } from '../parts/session.ts'
import { verbsColumn } from '../parts/verbs.tsx'
import { hasKey, number, size, t, when } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty, Notice } from '../ui/quiet.tsx'
import { Block, PageHead } from '../ui/region.tsx'
import { Table, type Column } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'

const ALONE = 'comity log resume --alone'

const NothingHeld = (): ReactNode => (
  <Empty icon="check" title={t('held.none')}>
    {t('held.noneWhy')}
  </Empty>
)

export function KeptPage(): ReactNode {
  const home = useHome()
  const [healed, setHealed] = useState<HealedView>()
  const mayList = useRight('decide')
  useHead(t('held.title'), [{ text: t('held.title') }])
  return (
    <>
      <PageHead title={t('held.title')} lead={t('held.lead')} />
      {healed === undefined ? null : <Resumed healed={healed} />}
      <Show of={home} rows={6}>
        {({ needs }) => {
          const frozen = needs.find(({ kind }) => kind === 'frozen')
          const kept = needs.some(({ kind }) => kind === 'kept')
          if (frozen === undefined && !kept) return healed === undefined ? <NothingHeld /> : null
          return (
            <div className="cols cols--even">
              <div>
                <Why reason={frozen?.reason} />
                {mayList ? <Received /> : null}
              </div>
              {frozen === undefined ? null : <WaysOn onHealed={setHealed} />}
            </div>
          )
        }}
      </Show>
    </>
  )
}

/** What happens while the log is held back, and why it is. */
const Why = ({ reason }: { readonly reason: string | undefined }): ReactNode => (
  <Block title={t('held.what')}>
    {reason === undefined ? (
      <p className="prose">{t('held.saying')}</p>
    ) : (
      <>
        <p className="prose">
          <Name charsMax={400}>{reason}</Name>
        </p>
        <ul className="prose points">
          <li>{t('held.works')}</li>
          <li>{t('held.kept')}</li>
          <li>{t('held.refused')}</li>
        </ul>
      </>
    )}
  </Block>
)

const NothingReceived = (): ReactNode => <p className="dim">{t('held.nothingYet')}</p>

/** What waits, in the order in which it will be logged; its lines are numbers and times, and hold no words to look for. */
function Received(): ReactNode {
  const kept = usePages<KeptView>('/kept')
  const nowMs = useNow()
  const columns: readonly Column<KeptView>[] = [
    { key: 'number', head: t('held.number'), wideOnly: true, cell: (each) => <Value>{each.number}</Value> },
    { key: 'what', head: t('held.change'), fill: true, cell: ({ what, records }) => sayChange(what, records) },
    { key: 'bytes', head: t('held.size'), number: true, wideOnly: true, cell: ({ bytes }) => size(bytes) },
    {
      key: 'at',
      head: t('held.received'),
      number: true,
      cell: ({ at }) => <span className="dim nowrap">{when(at, nowMs)}</span>,
    },
    verbsColumn((each) => <LetGo kept={each} />),
  ]
  return (
    <Block title={t('held.list')} note={kept.value === undefined ? undefined : number(kept.value.length)}>
      <Show of={kept} rows={3}>
        {(items) =>
          items.length === 0 ? (
            <NothingReceived />
          ) : (
            <Table
              label={t('held.list')}
              columns={columns}
              rows={items}
              rowKey={(each) => String(each.number)}
              flush={false}
              dense
            />
          )
        }
      </Show>
      <MoreRows of={kept} />
    </Block>
  )
}

function sayChange(what: string, records: number): string {
  const key = `held.${what}`
  return hasKey(key) ? t(key, { n: records }) : what
}

const LetGo = ({ kept }: { readonly kept: KeptView }): ReactNode => (
  <ConfirmButton
    small
    verb={t('held.drop')}
    title={t('held.dropTitle', { number: kept.number })}
    why={t('held.dropWhy')}
    act={async () => {
      await send('DELETE', `/kept/${kept.number}`)
      changed('/kept', '/home')
    }}
  />
)

function WaysOn({ onHealed }: { readonly onHealed: (healed: HealedView) => void }): ReactNode {
  const mayResume = useRight('administer')
  const { busy, fault, run } = useAct()
  return (
    <div>
      <Block title={t('held.together')}>
        <div className="form">
          <p className="prose">{t('held.togetherWhy')}</p>
          <FaultNotice fault={fault} />
          <div className="actions">
            <Button
              kind="primary"
              busy={busy}
              whyNot={mayResume ? undefined : t('held.notYou')}
              onClick={() =>
                run(async () => {
                  onHealed(await send<HealedView>('POST', '/log/resume'))
                  changed('/kept', '/home', '/trust')
                })
              }
            >
              {t('held.resume')}
            </Button>
          </div>
        </div>
      </Block>
      <Block title={t('held.alone')}>
        <div className="form">
          <p className="prose">{t('held.aloneWhy')}</p>
          <Notice kind="warning">{t('held.aloneRisk')}</Notice>
          <p>{t('held.aloneHow')}</p>
          <pre className="codebox" dir="ltr">
            {ALONE}
          </pre>
        </div>
      </Block>
    </div>
  )
}

function Resumed({
  healed: { confirmedBy, size: now, sizeBefore, returned, lost, unheard },
}: {
  readonly healed: HealedView
}): ReactNode {
  const names = useMemberNames()
  return (
    <Block title={t('held.resumed')}>
      <p className="prose">
        {t('held.confirmed', { members: confirmedBy.map((member) => names(member)).join(', ') })}{' '}
        {now === sizeBefore
          ? t('held.asBefore', { n: now })
          : t('held.cameBack', { n: now - sizeBefore, returned, lost })}
      </p>
      {unheard.map(({ member, reason }) => (
        <p key={member} className="prose">
          {t('held.unheard', { member: names(member) })} <Foreign charsMax={400}>{reason}</Foreign>
        </p>
      ))}
    </Block>
  )
}
