// One file that somebody chose: its name and size, what stops it while it runs and forgets it after, and how far it is.
import type { ReactNode } from 'react'
import { size, t } from '../text/language.ts'
import type { Progress } from '../transfer.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Name } from '../ui/value.tsx'

export const FileCard = ({
  file,
  stop,
  onForget,
  children,
}: {
  readonly file: File
  /** While something runs that can be stopped. */
  readonly stop: (() => void) | undefined
  readonly onForget: () => void
  readonly children: ReactNode
}): ReactNode => (
  <li className="file">
    <div className="file-head">
      <span className="strong">
        <Name charsMax={80}>{file.name}</Name>
      </span>
      <span className="dim small">{size(file.size)}</span>
      <span className="end">
        {stop === undefined ? (
          <IconButton icon="cross" label={t('bundles.forget')} onClick={onForget} />
        ) : (
          <Button small onClick={stop}>
            {t('bundles.stop')}
          </Button>
        )}
      </span>
    </div>
    {children}
  </li>
)

export const FileProgress = ({
  label,
  progress: { sent, total },
}: {
  readonly label: string
  readonly progress: Progress
}): ReactNode => (
  <p className="file-progress">
    <span className="small">{label}</span>
    <progress value={sent} max={Math.max(1, total)} aria-label={label} />
    <span className="small dim">{`${size(sent)} / ${size(total)}`}</span>
  </p>
)
