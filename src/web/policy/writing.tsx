// Writing rules: the text, what the node says of it, what it would change, and then putting it in force.
import { useId, useState, type ReactNode } from 'react'
import type { PolicyView } from '#kernel/policy/wire.ts'
import { send } from '../api.ts'
import { changed, learned } from '../load.ts'
import { useAct } from '../parts/act.ts'
import { FaultNotice } from '../parts/fault-notice.tsx'
import { useRight } from '../parts/session.ts'
import { number, t } from '../text/language.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Area } from '../ui/field.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Notice, Skeleton } from '../ui/quiet.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Name, Value } from '../ui/value.tsx'
import { changesBetween } from './changes.ts'
import { useChecking, type Checking, type Finding } from './checking.ts'
import { CodeEditor, useCaret, type Mark } from './code-editor.tsx'
import { freeName, useDraft, worthKeeping, type Drafting } from './draft.ts'
import { Flows } from './flows.tsx'
import { useTrying } from './trying.ts'

export function Writing({ policy }: { readonly policy: PolicyView }): ReactNode {
  const drafting = useDraft(policy)
  const [chosen, setChosen] = useState('')
  const file = drafting.files.find(({ name }) => name === chosen) ?? drafting.files[0]
  const checking = useChecking(drafting.files)
  const trying = useTrying(drafting.files, policy.version)
  const { field, toLine } = useCaret()
  const notes = useId()
  const mayTry = useRight('decide')
  const maySet = useRight('administer')
  if (file === undefined) return null
  const before = policy.files.find(({ name }) => name === file.name)?.text ?? ''
  const overtaken = drafting.dirty && drafting.after !== policy.version
  return (
    <div className="cols">
      <section aria-label={t('policy.rules')}>
        {overtaken ? <Overtaken version={policy.version} goOn={drafting.goOn} /> : null}
        <Files drafting={drafting} chosen={file.name} choose={setChosen} mayWrite={maySet} />
        <CodeEditor
          label={t('policy.text', { name: file.name })}
          text={file.text}
          marks={marksOf(file.name, checking.findings, drafting.dirty ? changesBetween(before, file.text) : [])}
          describedBy={notes}
          readOnly={!maySet}
          field={field}
          onChange={(text) => drafting.write(file.name, text)}
        />
      </section>
      <aside id={notes}>
        <Checked
          checking={checking}
          toFinding={(finding) => {
            setChosen(finding.file)
            setTimeout(() => toLine(finding.line))
          }}
        />
        {mayTry ? (
          <Flows
            trying={trying}
            whyNot={!drafting.dirty ? t('policy.unchanged') : checking.clean ? undefined : t('policy.notClean')}
          />
        ) : null}
        {maySet ? <PutInForce drafting={drafting} tried={trying.result !== undefined} clean={checking.clean} /> : null}
      </aside>
    </div>
  )
}

function marksOf(
  name: string,
  findings: readonly Finding[],
  changes: ReturnType<typeof changesBetween>,
): ReadonlyMap<number, Mark> {
  const marks = new Map<number, Mark>()
  let line = 0
  for (const { kind } of changes) {
    if (kind === 'went') continue
    line += 1
    if (kind === 'came') marks.set(line, 'came')
  }
  for (const each of findings)
    if (each.file === name && marks.get(each.line) !== 'error') marks.set(each.line, each.severity)
  return marks
}

function Files({
  drafting,
  chosen,
  choose,
  mayWrite,
}: {
  readonly drafting: Drafting
  readonly chosen: string
  readonly choose: (name: string) => void
  readonly mayWrite: boolean
}): ReactNode {
  const { files, add, remove } = drafting
  return (
    <div className="toolbar files" role="group" aria-label={t('policy.files')}>
      {files.map(({ name }) => (
        <Button key={name} small kind="quiet" aria-pressed={name === chosen} onClick={() => choose(name)}>
          <Value>{name}</Value>
        </Button>
      ))}
      {mayWrite ? (
        <IconButton
          icon="plus"
          label={t('policy.addFile')}
          onClick={() => {
            const name = freeName(files)
            add(name)
            choose(name)
          }}
        />
      ) : null}
      {mayWrite && files.length > 1 ? (
        <Button small kind="quiet" onClick={() => remove(chosen)}>
          {t('policy.removeFile', { name: chosen })}
        </Button>
      ) : null}
    </div>
  )
}

function Checked({
  checking: { busy, findings, rules, fault },
  toFinding,
}: {
  readonly checking: Checking
  readonly toFinding: (finding: Finding) => void
}): ReactNode {
  const wrong = findings.filter(({ severity }) => severity === 'error').length
  return (
    <Block
      title={t('policy.check')}
      end={
        <span role="status">
          {busy ? (
            <State kind="wait">{t('policy.checking')}</State>
          ) : wrong > 0 ? (
            <State kind="danger">{t('policy.wrong', { n: wrong })}</State>
          ) : (
            <State kind="ok">{t('policy.valid', { n: rules.length })}</State>
          )}
        </span>
      }
    >
      <FaultNotice fault={fault} />
      <ul className="findings">
        {findings.map((finding) => (
          <li key={`${finding.file} ${finding.line} ${finding.column} ${finding.message}`}>
            <div className="meta">
              <button type="button" className="link-btn" onClick={() => toFinding(finding)}>
                {t('policy.line', { file: finding.file, line: finding.line })}
              </button>
              <State kind={finding.severity === 'error' ? 'danger' : 'warning'}>
                <Name charsMax={400}>{finding.message}</Name>
              </State>
            </div>
            <p className="small dim">
              <Name charsMax={400}>{finding.remedy}</Name>
            </p>
          </li>
        ))}
      </ul>
      {busy && rules.length === 0 ? (
        <Skeleton rows={3} />
      ) : rules.length === 0 ? (
        wrong > 0 ? null : (
          <p className="dim">{t('policy.noRules')}</p>
        )
      ) : (
        <ul className="rules">
          {rules.map(({ id, effect, reason, line, file }) => (
            <li key={id}>
              <State kind={effect === 'permit' ? 'ok' : 'danger'} since={<Value>{id}</Value>}>
                {t(`policy.${effect}`)}
              </State>
              <p>
                {reason === undefined ? (
                  <span className="dim">{t('policy.noReason')}</span>
                ) : (
                  <Name charsMax={400}>{reason}</Name>
                )}{' '}
                <span className="small faint">{t('policy.line', { file, line })}</span>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Block>
  )
}

const Overtaken = ({ version, goOn }: { readonly version: number; readonly goOn: () => void }): ReactNode => (
  <div className="policy-inset">
    <Notice kind="warning">
      {t('policy.overtaken', { version })}{' '}
      <button type="button" className="link-btn" onClick={goOn}>
        {t('policy.goOn', { version })}
      </button>
    </Notice>
  </div>
)

function PutInForce({
  drafting,
  tried,
  clean,
}: {
  readonly drafting: Drafting
  readonly tried: boolean
  readonly clean: boolean
}): ReactNode {
  const { busy, fault, run } = useAct()
  const [reason, setReason] = useState('')
  const put = (): void =>
    run(async () => {
      const body = { files: worthKeeping(drafting.files), after: drafting.after, reason: reason.trim() }
      try {
        const policy = await send<PolicyView>('PUT', '/policy', body)
        learned('/policy', policy)
        drafting.discard()
        setReason('')
        confirmDone(t('policy.isInForce', { version: policy.version }))
      } finally {
        changed('/policy')
      }
    })
  return (
    <Block title={t('policy.force')}>
      <div className="form">
        <p className="dim">{t('policy.forceWhy')}</p>
        {drafting.dirty ? (
          <Area
            label={t('policy.reason')}
            hint={t('policy.reasonHint')}
            rows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        ) : null}
        <FaultNotice fault={fault} />
        <div className="actions">
          <Button
            kind="primary"
            busy={busy}
            onClick={put}
            whyNot={
              !drafting.dirty
                ? t('policy.unchanged')
                : !clean
                  ? t('policy.notClean')
                  : tried
                    ? undefined
                    : t('policy.tryFirst')
            }
          >
            {t('policy.put')}
          </Button>
          {drafting.dirty ? (
            <Button kind="quiet" onClick={drafting.discard}>
              {t('policy.discard')}
            </Button>
          ) : null}
        </div>
        {drafting.dirty ? <p className="small faint">{t('policy.kept', { version: number(drafting.after) })}</p> : null}
      </div>
    </Block>
  )
}
