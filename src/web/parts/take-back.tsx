// Taking back: what this member said is hidden, or gone, at everyone who has it; what others said is gone only here.
import { useMemo, useState, type ReactNode } from 'react'
import type { RecordDetail } from '#sharing/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { shortTime, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Pick, Select } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { useCommands } from './commands.ts'
import { FormDialog } from './form-dialog.tsx'
import { useRight, useSession } from './session.ts'

type Version = RecordDetail['versions'][number]
type Way = 'withdraw' | 'erase' | 'onlyHere'

const ERASE_REASONS = ['personal-data', 'sent-in-error', 'legal', 'expired'] as const
const REASONS = {
  withdraw: ['false-positive', 'expired', 'revoked', 'sent-in-error', 'legal'],
  erase: ERASE_REASONS,
  onlyHere: ERASE_REASONS,
} as const

/** What may be done about a version by whoever sits here, the mildest first. */
function useWays({ author, withdrawn }: Version): readonly Way[] {
  const mayDecide = useRight('decide')
  const { member } = useSession()
  if (!mayDecide) return []
  if (author !== member?.id) return ['onlyHere']
  return withdrawn ? ['erase'] : ['withdraw', 'erase']
}

/** The button that asks how; nothing for whoever may not. For what others said it stands back. */
export function TakeBack({ detail, version }: { readonly detail: RecordDetail; readonly version: Version }): ReactNode {
  const ways = useWays(version)
  const [asking, setAsking] = useState(false)
  const [first] = ways
  const verb = t(first === 'onlyHere' ? 'takeBack.onlyHere' : 'takeBack.verb')
  const commands = useMemo(
    () =>
      first === undefined ? [] : [{ id: 'take back', title: verb, icon: 'back' as const, run: () => setAsking(true) }],
    [first, verb],
  )
  useCommands(commands)
  if (first === undefined) return null
  return (
    <>
      <Button kind={first === 'onlyHere' ? 'quiet' : 'danger'} onClick={() => setAsking(true)}>
        {verb}
      </Button>
      {asking ? (
        <TakeBackDialog detail={detail} version={version} ways={ways} onClose={() => setAsking(false)} />
      ) : null}
    </>
  )
}

function TakeBackDialog({
  detail,
  version,
  ways: now,
  onClose,
}: {
  readonly detail: RecordDetail
  readonly version: Version
  readonly ways: readonly Way[]
  readonly onClose: () => void
}): ReactNode {
  // What is offered stays while somebody decides, also where somebody else was faster.
  const [ways] = useState(now)
  const [way, setWay] = useState<Way>(ways[0] ?? 'withdraw')
  const [reason, setReason] = useState<string>('')
  const [only, setOnly] = useState('')
  const versions = detail.versions.filter(({ author }) => author === version.author)
  const reasons: readonly string[] = REASONS[way]
  const chosen = reasons.includes(reason) ? reason : (reasons[0] as string)
  const act = async (): Promise<void> => {
    const kept = await takeBack(way, { id: detail.id, reason: chosen, version: only })
    confirmDone(t(kept ? 'takeBack.kept' : `takeBack.${way}.done`))
    onClose()
    const isGone = way !== 'withdraw' && !kept && (only === '' || versions.length === 1)
    if (isGone && versions.length === detail.versions.length) go(way === 'erase' ? to.takenBack() : to.knowledge())
  }
  return (
    <FormDialog title={t('takeBack.title')} verb={t(`takeBack.${way}`)} danger act={act} onClose={onClose}>
      {ways.length === 1 ? (
        <p>{t(`takeBack.${way}.why`, { n: version.recipients.length })}</p>
      ) : (
        ways.map((each) => (
          <Pick
            key={each}
            name="way"
            checked={each === way}
            onChange={() => setWay(each)}
            title={t(`takeBack.${each}`)}
          >
            {t(`takeBack.${each}.why`, { n: version.recipients.length })}
          </Pick>
        ))
      )}
      {versions.length < 2 ? null : (
        <Select
          label={t('takeBack.which')}
          value={only}
          choices={[
            ['', t('takeBack.all', { n: versions.length })],
            ...versions.flatMap(({ version: time }) =>
              time === undefined ? [] : [[time, t('takeBack.one', { time: shortTime(time) })] as const],
            ),
          ]}
          onChange={(event) => setOnly(event.target.value)}
        />
      )}
      <Select
        label={t('takeBack.reason')}
        value={chosen}
        choices={reasons.map((each) => [each, t(`reason.${each as 'unknown'}`)])}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  )
}

type Asked = { readonly id: string; readonly reason: string; readonly version: string }

/** Whether it is only kept, because nothing may be signed now. */
async function takeBack(way: Way, { id, reason, version }: Asked): Promise<boolean> {
  const body = { id, reason, ...(version === '' ? {} : { version }), ...(way === 'onlyHere' ? { onlyHere: true } : {}) }
  const path = way === 'withdraw' ? '/withdrawals' : '/erasures'
  const { kept = false } = await send<{ kept?: boolean }>('POST', path, body)
  changed(`/records/${encodeURIComponent(id)}`, '/search', '/erasures')
  return kept
}
