// Every version of this member's own rules: who put it in force and when, what it changed, and taking it up again.
import { useState, type ReactNode } from 'react'
import type { PolicyView, RulesVersion } from '#kernel/policy/wire.ts'
import { useGet } from '../load.ts'
import { Actor } from '../parts/deed.tsx'
import { Show } from '../parts/fault.tsx'
import { ShortList } from '../parts/list.tsx'
import { useRight } from '../parts/session.ts'
import { to } from '../paths.ts'
import { go } from '../router.tsx'
import { number, shortTime, t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/quiet.tsx'
import { Block } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Name, Value } from '../ui/value.tsx'
import { changesBetween } from './changes.ts'
import { CodeLine } from './code-editor.tsx'
import { useDraft } from './draft.ts'

export function History({ policy }: { readonly policy: PolicyView }): ReactNode {
  const versions = useGet<{ readonly items: readonly RulesVersion[] }>('/policy/versions')
  const [chosen, setChosen] = useState<number>()
  return (
    <Show of={versions} rows={6}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon="policy" title={t('policy.noHistory')}>
            {t('policy.noHistoryWhy')}
          </Empty>
        ) : (
          <div className="cols cols--even">
            <section aria-label={t('policy.history')}>
              <ShortList
                of={items}
                words={({ version, actor, reason }) => `${version} ${actor} ${reason}`}
                where={t('policy.historyWhere')}
                empty={null}
                label={t('policy.history')}
                columns={columns(chosen ?? items[0]?.version ?? 0, policy.version, setChosen)}
                rowKey={({ version }) => version}
                mine={({ version }) => version === (chosen ?? items[0]?.version)}
              />
            </section>
            <Version key={chosen} version={chosen ?? items[0]?.version ?? 0} policy={policy} />
          </div>
        )
      }
    </Show>
  )
}

const columns = (
  chosen: number,
  inForce: number,
  choose: (version: number) => void,
): readonly Column<RulesVersion>[] => [
  {
    key: 'version',
    head: t('version.number'),
    tight: true,
    cell: ({ version }) => (
      <button type="button" className="cell-btn" aria-pressed={version === chosen} onClick={() => choose(version)}>
        <State kind={version === inForce ? 'ok' : 'off'} since={version === inForce ? t('policy.inForce') : undefined}>
          {number(version)}
        </State>
      </button>
    ),
  },
  { key: 'who', head: t('audit.who'), cell: ({ actor }) => <Actor actor={actor} />, tight: true },
  {
    key: 'reason',
    head: t('who.why'),
    fill: true,
    cell: ({ reason }) =>
      reason === '' ? <span className="faint">{t('reason.unknown')}</span> : <Name charsMax={500}>{reason}</Name>,
  },
  {
    key: 'rules',
    head: t('policy.count'),
    number: true,
    cell: ({ rules }) => number(rules.length),
    wideOnly: true,
  },
  { key: 'at', head: t('audit.when'), number: true, verbs: true, cell: ({ at }) => <Value>{shortTime(at)}</Value> },
]

/** One version held against the one before it. */
function Version({ version, policy }: { readonly version: number; readonly policy: PolicyView }): ReactNode {
  const shown = useGet<PolicyView>(`/policy?version=${version}`)
  const earlier = useGet<PolicyView>(`/policy?version=${version - 1}`)
  const drafting = useDraft(policy)
  const maySet = useRight('administer')
  return (
    <div>
      <Show of={shown} rows={10}>
        {({ files }) => (
          <Block
            title={t('policy.changes', { version })}
            end={
              maySet && version !== policy.version ? (
                <Button
                  small
                  onClick={() => {
                    drafting.take(files)
                    go(to.policy())
                  }}
                >
                  {t('policy.takeUp')}
                </Button>
              ) : undefined
            }
          >
            {files.length === 0 ? <p className="dim">{t('policy.noRules')}</p> : null}
            {namesOf(files, earlier.value?.files ?? []).map((name) => (
              <Changes
                key={name}
                name={name}
                before={earlier.value?.files.find((file) => file.name === name)?.text ?? ''}
                after={files.find((file) => file.name === name)?.text ?? ''}
              />
            ))}
          </Block>
        )}
      </Show>
    </div>
  )
}

const namesOf = (...sides: readonly PolicyView['files'][]): string[] => [
  ...new Set(sides.flat().map(({ name }) => name)),
]

const SIGNS = { same: ' ', came: '+', went: '−' } as const

function Changes({
  name,
  before,
  after,
}: {
  readonly name: string
  readonly before: string
  readonly after: string
}): ReactNode {
  return (
    <div>
      <h3>
        <Value>{name}</Value>
      </h3>
      <pre className="codebox code-text" dir="ltr" role="region" aria-label={name} tabIndex={0}>
        {changesBetween(before, after).map(({ kind, text }, at) => (
          <span key={at} className={`code-change code-change--${kind}`}>
            <span aria-hidden="true">{SIGNS[kind]}</span>
            <CodeLine line={text} />
          </span>
        ))}
      </pre>
    </div>
  )
}
