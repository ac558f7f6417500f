// Descriptions, which many members write in Markdown: the small part of it that carries meaning (paragraphs, lists, bold,
// code, headings, links) becomes elements, everything else stays the text it is. HTML is text too. A link or a
// picture is shown with the address it would lead to, as `link` shows one.
import type { ReactNode } from 'react'
import { Foreign, Observable } from './value.tsx'

const CHARS_MAX = 20_000
const BLOCKS_MAX = 400

type Written = { readonly children: string; readonly link: (address: string) => ReactNode }

export function Prose({ children, link }: Written): ReactNode {
  const blocks = children
    .slice(0, CHARS_MAX)
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .slice(0, BLOCKS_MAX)
  return (
    <div className="prose" dir="auto">
      {blocks.map((block, at) => (
        <Block key={at} link={link}>
          {block}
        </Block>
      ))}
    </div>
  )
}

const BULLET = /^\s*(?:[*+-]|\d{1,3}[.)])\s+/

function Block({ children: block, link }: Written): ReactNode {
  const lines = block.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return null
  const [first = '', ...rest] = lines
  if (/^#{1,6}\s/.test(first))
    return (
      <>
        <p className="strong">
          <Inline link={link}>{first.replace(/^#+\s+/, '')}</Inline>
        </p>
        {rest.length === 0 ? null : <Block link={link}>{rest.join('\n')}</Block>}
      </>
    )
  if (BULLET.test(first))
    return (
      <ul className="bullets">
        {lines.map((line, at) => (
          <li key={at}>
            <Inline link={link}>{line.replace(BULLET, '')}</Inline>
          </li>
        ))}
      </ul>
    )
  return (
    <p>
      <Inline link={link}>{lines.join('\n')}</Inline>
    </p>
  )
}

const MARKS =
  /\*\*([^*\n]{1,500})\*\*|`([^`\n]{1,500})`|<code>([^<]{1,500})<\/code>|!?\[([^\]\n]{1,300})\]\(((?:[^()\s]|\([^()\s]*\)){1,2000})\)/g

function Inline({ children: text, link }: Written): ReactNode {
  const parts: ReactNode[] = []
  let at = 0
  for (const match of text.matchAll(MARKS)) {
    if (match.index > at) parts.push(<Words key={at}>{text.slice(at, match.index)}</Words>)
    const [all, bold, code, html, words, address] = match
    parts.push(
      bold !== undefined ? (
        <strong key={match.index} className="strong">
          <Words>{bold}</Words>
        </strong>
      ) : (code ?? html) !== undefined ? (
        <Observable key={match.index} wrap>
          {code ?? html ?? ''}
        </Observable>
      ) : (
        <span key={match.index}>
          <Words>{words ?? ''}</Words>
          {/^https?:/i.test(address ?? '') ? <span className="address"> {link(address ?? '')}</span> : null}
        </span>
      ),
    )
    at = match.index + all.length
  }
  if (at < text.length) parts.push(<Words key={at}>{text.slice(at)}</Words>)
  return parts
}

const Words = ({ children }: { readonly children: string }): ReactNode => (
  <Foreign charsMax={CHARS_MAX}>{children}</Foreign>
)
