// One file that was chosen for import: nothing of it leaves the browser before somebody says so; then how far it has
// come, what was added and known, and what was refused and why.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { CollectionView } from '#sharing/wire.ts'
import { faultOf, type ApiFault } from '../api.ts'
import { changed } from '../load.ts'
import { t } from '../text/language.ts'
import { Text } from '../text/text.tsx'
import type { Progress } from '../transfer.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/quiet.tsx'
import { BEGINNING, digestOf, placeOf, type Place, type Tally } from '../write/file-import.ts'
import { importFile } from '../write/send-import.ts'
import { FaultNotice } from './fault-notice.tsx'
import { FileCard, FileProgress } from './file-card.tsx'
import { Imported } from './imported.tsx'

type Step =
  | { readonly at: 'chosen' }
  | { readonly at: 'hashing'; readonly progress: Progress }
  | { readonly at: 'here'; readonly digest: string }
  | { readonly at: 'sending'; readonly progress: Progress; readonly from: Place; readonly tally?: Tally }
  | { readonly at: 'done'; readonly tally: Tally; readonly into: CollectionView }
  | { readonly at: 'failed'; readonly fault: ApiFault }

export function ImportFile({
  file,
  into,
  onForget,
}: {
  readonly file: File
  readonly into: CollectionView
  readonly onForget: () => void
}): ReactNode {
  const [step, setStep] = useState<Step>({ at: 'chosen' })
  const stop = useRef(new AbortController())
  useEffect(() => () => stop.current.abort(), [])
  const collection = into.uuid
  const attempt = (work: (signal: AbortSignal) => Promise<void>): void => {
    stop.current = new AbortController()
    work(stop.current.signal).catch((error: unknown) => setStep({ at: 'failed', fault: faultOf(error) }))
  }
  const begin = (): void =>
    attempt(async (signal) => {
      const onProgress = (progress: Progress): void => setStep({ at: 'hashing', progress })
      onProgress({ sent: 0, total: file.size })
      const digest = await digestOf(file, { onProgress, signal })
      const { done, ...from } = await placeOf(collection, digest)
      if (done) setStep({ at: 'here', digest })
      else await sendFrom(from, digest, signal)
    })
  const sendFrom = async (from: Place, digest: string, signal: AbortSignal): Promise<void> => {
    let progress: Progress = { sent: from.offset, total: file.size }
    let tally: Tally | undefined
    const tell = (): void => setStep({ at: 'sending', progress, from, ...(tally === undefined ? {} : { tally }) })
    tell()
    const onProgress = (now: Progress): void => ((progress = now), tell())
    const onTally = (now: Tally): void => ((tally = now), tell())
    const end = await importFile(file, { collection, digest, from }, { onProgress, onTally, signal })
    changed('/search', '/records/', '/collections', '/home', '/warnings?', '/attack', '/audit')
    setStep({ at: 'done', tally: end, into })
  }
  const busy = step.at === 'hashing' || step.at === 'sending'
  return (
    <FileCard file={file} stop={busy ? () => stop.current.abort() : undefined} onForget={onForget}>
      <Standing
        step={step}
        into={into}
        begin={begin}
        again={(digest) => attempt((signal) => sendFrom(BEGINNING, digest, signal))}
      />
    </FileCard>
  )
}

function Standing({
  step,
  into,
  begin,
  again,
}: {
  readonly step: Step
  readonly into: CollectionView
  readonly begin: () => void
  readonly again: (digest: string) => void
}): ReactNode {
  switch (step.at) {
    case 'chosen':
      return (
        <div className="actions">
          <Button kind="primary" onClick={begin}>
            <span>
              <Text k="import.say" collection={into.title} />
            </span>
          </Button>
        </div>
      )
    case 'hashing':
      return <FileProgress label={t('import.hashing')} progress={step.progress} />
    case 'here':
      return (
        <Notice>
          {t('import.here')}{' '}
          <Button small onClick={() => again(step.digest)}>
            {t('import.again')}
          </Button>
        </Notice>
      )
    case 'sending':
      return (
        <>
          <FileProgress label={t('import.sending')} progress={step.progress} />
          {step.from.objects === 0 ? null : (
            <p className="small dim">
              <Text k="import.goesOn" n={step.from.objects} />
            </p>
          )}
          {step.tally === undefined ? null : (
            <p className="small dim" role="status">
              {t('import.read', { n: step.tally.counts.read })}
            </p>
          )}
        </>
      )
    case 'done':
      return <Imported tally={step.tally} into={step.into} again={begin} />
    case 'failed':
      return (
        <>
          <FaultNotice fault={step.fault} />
          <p className="small dim">{t('import.failed')}</p>
          <div className="actions">
            <Button onClick={begin}>{t('again')}</Button>
          </div>
        </>
      )
  }
}
