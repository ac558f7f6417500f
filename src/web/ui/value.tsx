// Text that others wrote. It is isolated from the line it stands in, shows what hides in it, and is never a link.
import { Fragment, type ReactNode } from 'react'
import { t } from '../text/language.ts'
import { DEFANGED, defang, RIGHT_TO_LEFT, splitHidden } from './harmless.ts'

/** Identifiers, hashes, addresses: mono, left to right in every language. */
export function Value({ children, wrap }: { readonly children: ReactNode; readonly wrap?: boolean }): ReactNode {
  return (
    <bdi className={wrap === true ? 'id id--wrap' : 'id'} dir="ltr">
      {children}
    </bdi>
  )
}

/** An address, a hash, a domain as an indicator has it: defanged. */
export function Observable({ children, wrap }: { readonly children: string; readonly wrap?: boolean }): ReactNode {
  return <Value {...(wrap === undefined ? {} : { wrap })}>{visible(defang(children))}</Value>
}

type Written = { readonly children: string; readonly charsMax?: number }

/** A name or a sentence that somebody else wrote, defanged, cut where it is longer than a list can bear. */
export function Foreign({ children, charsMax = 160 }: Written): ReactNode {
  return <Name charsMax={charsMax}>{defang(children)}</Name>
}

/** What a member, a person or a collection is called. Its dots are its own: `north.example` is no address here. */
export function Name({ children, charsMax = 80 }: Written): ReactNode {
  const characters = Array.from(children.slice(0, charsMax * 4))
  const cut = characters.length > charsMax || children.length > charsMax * 4
  return (
    <bdi>
      {visible(
        cut
          ? characters
              .slice(0, charsMax)
              .join('')
              .replace(/[\s.]+$/, '')
          : children,
      )}
      {cut ? '…' : null}
    </bdi>
  )
}

function visible(text: string): ReactNode {
  return splitHidden(text).map((part, at) =>
    'text' in part ? (
      leftToRight(part.text)
    ) : (
      <span key={at} className="hidden-mark" title={t('foreign.hidden')}>
        {part.hidden}
      </span>
    ),
  )
}

/** Values in a text of a script that runs the other way keep the order of their parts. */
function leftToRight(text: string): ReactNode {
  if (!RIGHT_TO_LEFT.test(text)) return text
  const values = text.match(DEFANGED) ?? []
  return text.split(DEFANGED).map((between, at) => (
    <Fragment key={at}>
      {between}
      {values[at] === undefined ? null : <bdi dir="ltr">{values[at]}</bdi>}
    </Fragment>
  ))
}
