// An address that a record leads to: shown in full, defanged, and opened only after a question that names the place.
import { useState, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { defang, plainText } from '../ui/harmless.ts'
import { Dialog } from '../ui/layer.tsx'
import { Facts } from '../ui/region.tsx'
import { Observable, Value } from '../ui/value.tsx'
import { copy } from './attempt.tsx'

export function LinkOut({ address }: { readonly address: string }): ReactNode {
  const [asking, setAsking] = useState(false)
  const url = webAddress(address)
  return (
    <>
      <Observable wrap>{address}</Observable>
      {url === undefined ? null : (
        <>
          {' '}
          <button
            type="button"
            className="link-btn small"
            aria-label={t('link.openThis', { address: plainText(defang(address), 120) })}
            onClick={() => setAsking(true)}
          >
            {t('link.open')}
          </button>
        </>
      )}
      {url !== undefined && asking ? <Question url={url} onClose={() => setAsking(false)} /> : null}
    </>
  )
}

/** Only the web's own addresses: nothing that runs, reads files or starts a program. */
function webAddress(address: string): URL | undefined {
  const url = URL.parse(address.trim())
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined
}

/** The address as a browser reads it: names in ASCII, and what hides or looks alike written out. */
function Question({ url, onClose }: { readonly url: URL; readonly onClose: () => void }): ReactNode {
  return createPortal(
    <Dialog
      wide
      title={t('link.title')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button onClick={() => copy(url.href, t('copied'))}>{t('link.copy')}</Button>
          <Button
            kind="danger"
            onClick={() => {
              open(url.href, '_blank', 'noopener,noreferrer')
              onClose()
            }}
          >
            {t('link.go')}
          </Button>
        </>
      }
    >
      <p>{t('link.why')}</p>
      <Facts
        facts={[
          [t('link.place'), <Value key="place">{url.host}</Value>],
          [
            t('link.address'),
            <Value key="address" wrap>
              {url.href}
            </Value>,
          ],
        ]}
      />
    </Dialog>,
    document.body,
  )
}
