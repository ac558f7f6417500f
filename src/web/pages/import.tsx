// Import: files of STIX objects into a collection of one's own. Who can get them is said before anything is sent.
import { useRef, useState, type ReactNode } from 'react'
import type { CollectionView } from '#sharing/wire.ts'
import { useHead } from '../parts/head.ts'
import { ImportFile } from '../parts/import-file.tsx'
import { OwnCollections } from '../parts/own-collections.tsx'
import { useRight } from '../parts/session.ts'
import { to } from '../paths.ts'
import { t } from '../text/language.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { Select } from '../ui/field.tsx'
import { Empty } from '../ui/quiet.tsx'
import { PageHead, Pane } from '../ui/region.tsx'
import { Reach } from '../write/reach.tsx'

const NAMES = '.json,.ndjson,.jsonl,.stix,.stix2,application/json'

const NotYours = (): ReactNode => (
  <Empty icon="lock" title={t('import.closed')}>
    {t('write.closedWhy')}
  </Empty>
)

export function ImportPage(): ReactNode {
  const mayWrite = useRight('contribute')
  useHead(t('import.title'), [{ text: t('nav.knowledge'), to: to.knowledge() }, { text: t('import.title') }])
  return (
    <>
      <PageHead title={t('import.title')} lead={t('import.lead')} />
      {mayWrite ? <OwnCollections>{(own) => <Files collections={own} />}</OwnCollections> : <NotYours />}
    </>
  )
}

type Chosen = { readonly key: number; readonly file: File }

function Files({ collections }: { readonly collections: readonly CollectionView[] }): ReactNode {
  const count = useRef(0)
  const [uuid, setUuid] = useState(collections[0]?.uuid)
  const [files, setFiles] = useState<readonly Chosen[]>([])
  const into = collections.find((each) => each.uuid === uuid) ?? collections[0]
  if (into === undefined) return null
  const add = (given: readonly File[]): void =>
    setFiles([...given.map((file) => ({ key: (count.current += 1), file })), ...files])
  return (
    <div className="cols cols--even">
      <Pane title={t('import.where')}>
        <div className="pane-body form">
          <Select
            label={t('record.collection')}
            value={into.uuid}
            choices={collections.map((each) => [each.uuid, each.title])}
            onChange={(event) => setUuid(event.target.value)}
          />
          <p className="small dim">{t('import.marked', { tlp: into.marking.tlp })}</p>
          <Reach collection={into.uuid} tlp="CLEAR" />
        </div>
      </Pane>
      <Pane title={t('import.files')}>
        <div className="pane-body">
          <DropZone label={t('import.drop')} hint={t('import.dropHint')} accept={NAMES} onFiles={add} />
        </div>
        <ul className="files" aria-label={t('import.files')}>
          {files.map(({ key, file }) => (
            <ImportFile
              key={key}
              file={file}
              into={into}
              onForget={() => setFiles((now) => now.filter((each) => each.key !== key))}
            />
          ))}
        </ul>
      </Pane>
    </div>
  )
}
