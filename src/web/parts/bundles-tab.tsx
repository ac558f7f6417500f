// Exchange without a network: files that peers wrote for us are dropped, looked into and read; files for them are written.
import { useRef, useState, type ReactNode } from 'react'
import { t } from '../text/language.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { Empty } from '../ui/quiet.tsx'
import { Pane } from '../ui/region.tsx'
import { BundleFile } from './bundle-file.tsx'
import { BundleWriter } from './bundle-writer.tsx'
import { useRight } from './session.ts'

const NotYours = (): ReactNode => (
  <Empty icon="lock" title={t('bundles.closed')}>
    {t('bundles.closedWhy')}
  </Empty>
)

export function BundlesTab(): ReactNode {
  const mayAdminister = useRight('administer')
  const count = useRef(0)
  const [files, setFiles] = useState<readonly { readonly key: number; readonly file: File }[]>([])
  if (!mayAdminister) return <NotYours />
  const add = (given: readonly File[]): void =>
    setFiles([...given.map((file) => ({ key: (count.current += 1), file })), ...files])
  return (
    <div className="cols cols--even">
      <Pane title={t('bundles.read')}>
        <div className="pane-body">
          <DropZone label={t('bundles.drop')} hint={t('bundles.dropHint')} accept=".age" onFiles={add} />
        </div>
        <ul className="files" aria-label={t('bundles.files')}>
          {files.map(({ key, file }) => (
            <BundleFile key={key} file={file} onForget={() => setFiles(files.filter((each) => each.key !== key))} />
          ))}
        </ul>
      </Pane>
      <Pane title={t('bundles.write')}>
        <BundleWriter />
      </Pane>
    </div>
  )
}
