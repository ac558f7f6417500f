// One warning: what, where, why, since when, what was done, and what can be done now.
import { useMemo, useState, type ReactNode } from 'react'
import type { WarningView } from '#warning/wire.ts'
import { ApiFault, send } from '../api.ts'
import { changed, learned } from '../load.ts'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { age, fullTime, number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { Area } from '../ui/field.tsx'
import { shortId } from '../ui/harmless.ts'
import { confirmDone, Dialog } from '../ui/layer.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Block, Facts } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Foreign, Name, Observable, Value } from '../ui/value.tsx'
import { useCommands } from './commands.ts'
import { copyText } from '../ui/clipboard.ts'
import { FaultText } from './fault.tsx'
import { TlpChip } from './marking.tsx'
import { useMemberNames } from './names.ts'
import { useNow } from './now.ts'
import { typeName } from './record.ts'
import { useRight } from './session.ts'
import { Timeline } from './timeline.tsx'
import { warningState } from './warning.ts'

type Verb = 'acknowledge' | 'close'

export function OpenWarning({ warning }: { readonly warning: WarningView }): ReactNode {
  const nowMs = useNow()
  const names = useMemberNames()
  const { kind, word } = warningState(warning)
  const author = names(warning.author)
  const [first] = warning.matches
  return (
    <article className="open" aria-labelledby="w-title">
      <header className="open-head">
        <div className="meta">
          <span className="mono faint">{t('warning.name', { id: warning.id })}</span>
          <State kind={kind} since={t('warning.since', { age: age(Date.parse(warning.firstSeen), nowMs) })}>
            {word}
          </State>
          <TlpChip tlp={warning.tlp} />
        </div>
        <h1 id="w-title">
          <Foreign>{warning.what}</Foreign>
        </h1>
        <p className="prose dim">
          <Text
            k="warning.sentence"
            asset={<Name>{warning.asset}</Name>}
            value={first === undefined ? '' : <Observable>{first.value}</Observable>}
            watched={first === undefined ? '' : <Observable>{first.watched}</Observable>}
            author={<Name>{author}</Name>}
            type={typeName(warning.type)}
          />
        </p>
      </header>
      <Verbs warning={warning} />
      <div className="open-cols">
        <div>
          <Reasons warning={warning} author={author} />
          <Block title={t('warning.done')}>
            <Timeline
              nowMs={nowMs}
              events={[
                ...(warning.changed === warning.firstSeen || warning.state === 'new'
                  ? []
                  : [
                      {
                        key: 'changed',
                        at: warning.changed,
                        tone: 'mine' as const,
                        what: (
                          <>
                            {t(`warning.was.${warning.state}`)}
                            {warning.reason === '' ? null : (
                              <>
                                {' '}
                                <Foreign charsMax={1000}>{warning.reason}</Foreign>
                              </>
                            )}
                          </>
                        ),
                      },
                    ]),
                {
                  key: 'opened',
                  at: warning.firstSeen,
                  tone: 'danger' as const,
                  what: t('warning.opened', { n: warning.matches.length }),
                },
              ]}
            />
          </Block>
        </div>
        <aside>
          <Block title={t('warning.where')}>
            <Facts
              facts={[
                [t('warning.asset'), <Name key="asset">{warning.asset}</Name>],
                ...warning.matches.slice(0, 8).map(
                  (match) =>
                    [
                      t(`value.${match.kind}` as 'value.ipv4'),
                      <Observable key={match.watched} wrap>
                        {match.watched}
                      </Observable>,
                      match.watched,
                    ] as const,
                ),
              ]}
            />
          </Block>
          <Block title={t('warning.matched')}>
            <Facts
              facts={[
                [
                  typeName(warning.type),
                  <Link key="record" className="link" to={to.record(warning.object)}>
                    <Value>{shortId(warning.object)}</Value>
                  </Link>,
                ],
                [t('warning.saidBy'), <Name key="author">{author}</Name>],
                [t('warning.known'), fullTime(first?.at ?? warning.firstSeen)],
              ]}
            />
          </Block>
          {warning.proof === undefined ? null : (
            <Block title={t('proof.short')}>
              <Facts
                facts={[
                  [
                    t('proof.leaf'),
                    <Value key="leaf">{`${number(warning.proof.index)} / ${number(warning.proof.size)}`}</Value>,
                  ],
                  [
                    t('proof.log'),
                    <Value key="log" wrap>
                      {warning.proof.origin}
                    </Value>,
                  ],
                ]}
              />
              <p className="small">
                <Link className="link" to={`${to.record(warning.object)}#proof`}>
                  {t('proof.see')}
                </Link>
              </p>
            </Block>
          )}
        </aside>
      </div>
    </article>
  )
}

/** Why it is here and what it rests on: sources, not a score. */
function Reasons({ warning, author }: { readonly warning: WarningView; readonly author: string }): ReactNode {
  return (
    <Block title={t('warning.why')} end={<span className="label">{t('warning.noScore')}</span>}>
      <ul className="reasons">
        {warning.matches.slice(0, 20).map((match) => (
          <li key={`${match.watched} ${match.value}`}>
            <State kind="danger">{t(`value.${match.kind}` as 'value.ipv4')}</State>
            <span>
              <Text
                k={match.watched === match.value ? 'warning.equal' : 'warning.within'}
                value={<Observable wrap>{match.value}</Observable>}
                watched={<Observable wrap>{match.watched}</Observable>}
              />
            </span>
            <span className="src">
              <Name charsMax={40}>{author}</Name>
            </span>
          </li>
        ))}
      </ul>
    </Block>
  )
}

function Verbs({ warning }: { readonly warning: WarningView }): ReactNode {
  const mayDecide = useRight('decide')
  const [asking, setAsking] = useState<Verb>()
  const isNew = warning.state === 'new'
  const isOver = warning.state === 'closed' || warning.state === 'retracted'
  const commands = useMemo(
    () =>
      !mayDecide || isOver
        ? []
        : isNew
          ? [
              {
                id: 'acknowledge',
                title: t('warning.acknowledge'),
                icon: 'check' as const,
                keys: 'a',
                run: () => setAsking('acknowledge'),
              },
            ]
          : [
              {
                id: 'close',
                title: t('warning.close'),
                icon: 'check' as const,
                keys: 'x',
                run: () => setAsking('close'),
              },
            ],
    [mayDecide, isOver, isNew],
  )
  useCommands(commands)
  return (
    <div className="bar">
      {isOver ? (
        <span className="dim">{t(`warning.was.${warning.state}`)}</span>
      ) : (
        <>
          <Button
            kind={isNew ? 'primary' : 'plain'}
            shortcut="A"
            whyNot={mayDecide ? (isNew ? undefined : t('warning.already')) : t('may.decide')}
            onClick={() => setAsking('acknowledge')}
          >
            {t('warning.acknowledge')}
          </Button>
          <Button
            kind={isNew ? 'plain' : 'primary'}
            shortcut="X"
            whyNot={!mayDecide ? '' : isNew ? t('warning.first') : undefined}
            onClick={() => setAsking('close')}
          >
            {t('warning.close')}
          </Button>
        </>
      )}
      <span className="end actions">
        <IconButton icon="print" label={t('print')} onClick={() => print()} />
        <IconButton
          icon="copy"
          label={t('copy')}
          onClick={() => {
            void copyText(asText(warning))
            confirmDone(t('copied'))
          }}
        />
      </span>
      {asking === undefined ? null : <Answer warning={warning} verb={asking} onClose={() => setAsking(undefined)} />}
    </div>
  )
}

function Answer({
  warning,
  verb,
  onClose,
}: {
  readonly warning: WarningView
  readonly verb: Verb
  readonly onClose: () => void
}): ReactNode {
  const [note, setNote] = useState('')
  const [fault, setFault] = useState<ApiFault>()
  const [busy, setBusy] = useState(false)
  const answer = (): void => {
    setBusy(true)
    send<WarningView>('POST', `/warnings/${warning.id}/${verb}`, note === '' ? {} : { note })
      .then((next) => {
        learned(`/warnings/${warning.id}`, next)
        changed('/warnings?')
        confirmDone(t(`warning.${verb}.done`, { id: warning.id }))
        onClose()
      })
      .catch((error: unknown) => setFault(error instanceof ApiFault ? error : new ApiFault('internal', String(error))))
      .finally(() => setBusy(false))
  }
  return (
    <Dialog
      title={t(`warning.${verb}.title`, { id: warning.id })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" busy={busy} onClick={answer}>
            {t(`warning.${verb}`)}
          </Button>
        </>
      }
    >
      <p>{t(`warning.${verb}.why`)}</p>
      <Area
        label={t('warning.note')}
        value={note}
        maxLength={1000}
        rows={3}
        onChange={(event) => setNote(event.target.value)}
      />
      {fault === undefined ? null : (
        <Notice kind="danger">
          <FaultText fault={fault} />
        </Notice>
      )}
    </Dialog>
  )
}

/** For a ticket or a message: defanged by nobody, because a tool may read it. */
function asText(warning: WarningView): string {
  return [
    `${t('warning.name', { id: warning.id })} TLP:${warning.tlp}`,
    warning.what,
    `${warning.asset}: ${warning.matches.map(({ value }) => value).join(', ')}`,
    `${warning.author}, ${warning.firstSeen}`,
    warning.object,
  ].join('\n')
}
