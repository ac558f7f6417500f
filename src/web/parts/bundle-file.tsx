// One file that was dropped: what it says of itself before it is read, how far reading has come, and what came of it.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { BundleEvent, BundleLook } from '#federation/bundle/wire.ts'
import { ApiFault, faultOf } from '../api.ts'
import { changed } from '../load.ts'
import { fullTime, number, t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import { uploadFile, type Progress } from '../transfer.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/quiet.tsx'
import { Facts } from '../ui/region.tsx'
import { State } from '../ui/state.tsx'
import { Name } from '../ui/value.tsx'
import { FaultText } from './fault.tsx'
import { FileCard, FileProgress } from './file-card.tsx'
import { useMemberNames } from './names.ts'

/** The beginning of a file is enough for a look. */
const LOOK_BYTES = 4 * 1024 * 1024

type Done = Extract<BundleEvent, { kind: 'done' }>
type Step =
  | { readonly at: 'looking' }
  | { readonly at: 'known'; readonly look: BundleLook }
  | { readonly at: 'reading'; readonly look: BundleLook; readonly progress: Progress }
  | { readonly at: 'done'; readonly look: BundleLook; readonly done: Done }
  | { readonly at: 'failed'; readonly look?: BundleLook; readonly fault: ApiFault }

export function BundleFile({ file, onForget }: { readonly file: File; readonly onForget: () => void }): ReactNode {
  const [step, setStep] = useState<Step>({ at: 'looking' })
  const stop = useRef(new AbortController())
  useEffect(() => {
    uploadFile('/bundles/look', file.slice(0, LOOK_BYTES))
      .then((text) => setStep({ at: 'known', look: JSON.parse(text) as BundleLook }))
      .catch((error: unknown) => setStep({ at: 'failed', fault: faultOf(error) }))
  }, [file])
  const read = (look: BundleLook): void => {
    stop.current = new AbortController()
    const onProgress = (progress: Progress): void => setStep({ at: 'reading', look, progress })
    onProgress({ sent: 0, total: file.size })
    uploadFile('/bundles', file, { onProgress, signal: stop.current.signal })
      .then((text) => {
        setStep({ at: 'done', look, done: doneOf(text) })
        changed('/peers', '/home', '/trust', '/warnings?')
      })
      .catch((error: unknown) => setStep({ at: 'failed', look, fault: faultOf(error) }))
  }
  return (
    <FileCard file={file} stop={step.at === 'reading' ? () => stop.current.abort() : undefined} onForget={onForget}>
      {'look' in step && step.look !== undefined ? <Looked look={step.look} /> : null}
      <Standing step={step} read={read} />
    </FileCard>
  )
}

function Looked({ look: { manifest, signed } }: { readonly look: BundleLook }): ReactNode {
  const names = useMemberNames()
  const { from, to, part, time, log, deliveries } = manifest
  return (
    <Facts
      facts={[
        [
          t('bundles.from'),
          <span key="from">
            <Name>{names(from)}</Name>{' '}
            <State kind={signed ? 'ok' : 'warning'}>{t(signed ? 'bundles.signed' : 'bundles.unsigned')}</State>
          </span>,
          'from',
        ],
        [t('bundles.for'), <Name key="for">{names(to)}</Name>, 'for'],
        [t('bundles.when'), `${fullTime(time)} · ${t('bundles.part', { n: part })}`, 'when'],
        [
          t('bundles.what'),
          t('bundles.holds', { leaves: log.size - log.from, items: deliveries.until - deliveries.after }),
          'what',
        ],
      ]}
    />
  )
}

function Standing({ step, read }: { readonly step: Step; readonly read: (look: BundleLook) => void }): ReactNode {
  switch (step.at) {
    case 'looking':
      return (
        <p>
          <State kind="wait">{t('bundles.looking')}</State>
        </p>
      )
    case 'known':
      return step.look.refused === undefined ? (
        <div className="actions">
          <Button kind="primary" onClick={() => read(step.look)}>
            {t('bundles.readIt')}
          </Button>
        </div>
      ) : (
        <Notice kind="warning">
          {step.look.refused.message}. {step.look.refused.remedy}
        </Notice>
      )
    case 'reading':
      return <FileProgress label={t('bundles.reading')} progress={step.progress} />
    case 'done':
      return (
        <p>
          <State kind="ok">{t('bundles.done')}</State>{' '}
          <Text
            k="bundles.took"
            leaves={step.done.leaves}
            statements={step.done.statements}
            confirmed={number(step.done.confirmed)}
          />{' '}
          {step.done.more ? t('bundles.more', { n: step.done.part + 1 }) : null}
        </p>
      )
    case 'failed':
      return (
        <Notice kind="danger">
          <FaultText fault={step.fault} />{' '}
          {step.look === undefined ? null : (
            <Button small onClick={() => read(step.look as BundleLook)}>
              {t('again')}
            </Button>
          )}
        </Notice>
      )
  }
}

/** The last line of what reading told; a file that broke off says where and what to do. */
function doneOf(text: string): Done {
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BundleEvent)
  const last = events.at(-1)
  if (last?.kind === 'done') return last
  if (last?.kind !== 'broken') throw new ApiFault('link.lost', 'the answer broke off')
  const { message, place, remedy } = last
  throw new ApiFault('input.malformed', message, { place, remedy })
}
