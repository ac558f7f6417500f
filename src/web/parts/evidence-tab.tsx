// Forks and evidence: what was proven and by whom, a file from anybody checked here without asking anybody, and what
// people do about it.
import { useState, type ReactNode } from 'react'
import type { EvidenceView } from '#federation/witness/wire.ts'
import { judgeEvidence, parseEvidence, type EvidenceVerdict } from '#kernel/evidence.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { fullTime, number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Notice } from '../ui/quiet.tsx'
import { Block, Facts } from '../ui/region.tsx'
import { saveFile } from '../ui/save-file.ts'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Foreign, Name, Value } from '../ui/value.tsx'
import { Show } from './fault.tsx'
import { ShortList } from './list.tsx'
import { useMemberNames } from './names.ts'
import { useEvidence } from './needs.ts'

type Checked = { readonly name: string; readonly verdict: EvidenceVerdict }

export function EvidenceTab(): ReactNode {
  const evidence = useEvidence()
  const [checked, setChecked] = useState<Checked>()
  return (
    <div className="cols">
      <div>
        <Show of={evidence} rows={4}>
          {({ items }) => <Found items={items} check={(item) => setChecked(check(nameOf(item), item.file))} />}
        </Show>
      </div>
      <div>
        <Block title={t('evidence.check')}>
          <div className="form">
            <p className="prose">{t('evidence.checkWhy')}</p>
            <ChooseFile onText={(name, text) => setChecked(check(name, text))} />
            <div role="status">{checked === undefined ? null : <Verdict checked={checked} />}</div>
          </div>
        </Block>
        <Procedure />
      </div>
    </div>
  )
}

const NothingFound = (): ReactNode => (
  <Empty icon="check" title={t('evidence.none')}>
    {t('evidence.noneWhy')}
  </Empty>
)

const nameOf = ({ id }: EvidenceView): string => `fork-${id}.evidence`

function Found({
  items,
  check: checkItem,
}: {
  readonly items: readonly EvidenceView[]
  readonly check: (item: EvidenceView) => void
}): ReactNode {
  const names = useMemberNames()
  const columns: readonly Column<EvidenceView>[] = [
    { key: 'member', head: t('evidence.whose'), fill: true, cell: ({ member }) => <Name>{names(member)}</Name> },
    { key: 'source', head: t('evidence.source'), cell: ({ source }) => <Name>{names(source)}</Name>, wideOnly: true },
    { key: 'at', head: t('evidence.at'), number: true, cell: ({ at }) => <span className="dim">{fullTime(at)}</span> },
    {
      key: 'file',
      head: t('evidence.file'),
      number: true,
      cell: (item) => (
        <span className="actions">
          <Button small icon="check" onClick={() => checkItem(item)}>
            {t('evidence.checkVerb')}
          </Button>
          <Button small icon="download" onClick={() => saveFile(nameOf(item), item.file, 'text/plain')}>
            {t('download')}
          </Button>
        </span>
      ),
    },
  ]
  return (
    <ShortList
      of={items}
      words={({ member, source, at }) => `${names(member)} ${member} ${names(source)} ${source} ${at}`}
      label={t('evidence.title')}
      where={t('evidence.where')}
      columns={columns}
      rowKey={({ id }) => id}
      empty={<NothingFound />}
    />
  )
}

function ChooseFile({ onText }: { readonly onText: (name: string, text: string) => void }): ReactNode {
  const [tooLarge, setTooLarge] = useState(false)
  const take = async (file: File | undefined): Promise<void> => {
    setTooLarge((file?.size ?? 0) > LIMITS.evidenceBytesMax)
    if (file !== undefined && file.size <= LIMITS.evidenceBytesMax) onText(file.name, await file.text())
  }
  return (
    <div className="field">
      <label htmlFor="evidence-file">{t('evidence.choose')}</label>
      <input
        id="evidence-file"
        className="input"
        type="file"
        onChange={(event) => void take(event.target.files?.[0])}
      />
      {tooLarge ? (
        <span className="err" role="alert">
          {t('evidence.tooLarge', { n: number(LIMITS.evidenceBytesMax) })}
        </span>
      ) : null}
    </div>
  )
}

/** Read and judged by the kernel's own code, in this browser. Nothing leaves it. */
function check(name: string, text: string): Checked {
  try {
    return { name, verdict: judgeEvidence(parseEvidence(new TextEncoder().encode(text))) }
  } catch (error) {
    if (error instanceof Fault) return { name, verdict: { ok: false, reason: error.message } }
    throw error
  }
}

function Verdict({ checked: { name, verdict } }: { readonly checked: Checked }): ReactNode {
  if (!verdict.ok)
    return (
      <Notice kind="warning">
        <Text k="evidence.disproved" name={name} /> <Foreign charsMax={300}>{verdict.reason}</Foreign>
      </Notice>
    )
  return (
    <>
      <p>
        <State kind="danger">{t('evidence.proved')}</State>
      </p>
      <Facts
        facts={[
          [t('evidence.file'), <Name key="file">{name}</Name>],
          [t('evidence.whose'), <Value key="log">{verdict.origin}</Value>],
          [t('evidence.heads'), t('evidence.sizes', { older: verdict.olderSize, newer: verdict.newerSize })],
        ]}
      />
      <p className="small dim">{t('evidence.keys')}</p>
    </>
  )
}

const STEPS = ['evidence.do1', 'evidence.do2', 'evidence.do3', 'evidence.do4'] as const

const Procedure = (): ReactNode => (
  <Block title={t('evidence.do')}>
    <ol className="steps">
      {STEPS.map((step) => (
        <li key={step}>
          {t(step)}
          {step === 'evidence.do3' ? <code className="codebox">comity log verify-evidence FILE</code> : null}
        </li>
      ))}
    </ol>
  </Block>
)
