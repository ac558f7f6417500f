// What a record says: its description as text to read, then its fields as facts. Fields that this console has no word
// for are shown by their own names, so that nothing a member said is hidden.
import type { ReactNode } from 'react'
import { to } from '../paths.ts'
import { Link } from '../router.tsx'
import { day, fullTime, hasKey, t } from '../text/language.ts'
import { escapeHidden, shortId } from '../ui/harmless.ts'
import { Prose } from '../ui/prose.tsx'
import { Block, Facts, type Fact } from '../ui/region.tsx'
import { Foreign, Observable, Value } from '../ui/value.tsx'
import { LinkOut } from './link-out.tsx'
import type { RecordDetail } from '#sharing/wire.ts'

type Version = RecordDetail['versions'][number]
type Fields = Readonly<Record<string, unknown>>

/** Shown elsewhere on the page, or said by the frame around the fields. */
const ELSEWHERE = new Set([
  'type',
  'id',
  'name',
  'description',
  'spec_version',
  'object_marking_refs',
  'granular_markings',
  'created_by_ref',
])
const FIRST = ['pattern', 'value', 'indicator_types', 'malware_types', 'valid_from', 'valid_until', 'confidence']
const LAST = ['external_references', 'created', 'modified']

export function Says({ version }: { readonly version: Version }): ReactNode {
  const fields = version.object as Fields
  const { description } = fields
  const names = Object.keys(fields).filter((name) => !ELSEWHERE.has(name))
  const order = (name: string): number =>
    FIRST.includes(name) ? FIRST.indexOf(name) : LAST.includes(name) ? 200 + LAST.indexOf(name) : 100
  const facts = names
    .toSorted((a, b) => order(a) - order(b))
    .map((name): Fact => [fieldName(name), <Field key={name} name={name} value={fields[name]} />, name])
  return (
    <>
      {typeof description === 'string' && description.trim() !== '' ? (
        <Block id="says" title={t('record.says')}>
          <Prose link={(address) => <LinkOut address={address} />}>{description}</Prose>
        </Block>
      ) : null}
      <section
        className="block"
        aria-label={t('record.fields')}
        id={typeof description === 'string' ? undefined : 'says'}
      >
        <Facts
          facts={[
            ...facts,
            [
              t('field.id'),
              <Value key="id" wrap>
                {version.id}
              </Value>,
              'id',
            ],
          ]}
        />
        <details className="raw">
          <summary>{t('record.raw')}</summary>
          <code className="codebox">{escapeHidden(JSON.stringify(fields, undefined, 2))}</code>
        </details>
      </section>
    </>
  )
}

function fieldName(name: string): ReactNode {
  const key = `field.${name}`
  return hasKey(key) ? t(key) : <Value>{name.slice(0, 60)}</Value>
}

const ID = /^[a-z0-9-]{3,250}--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/
const ITEMS_SHOWN = 30

function Field({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode {
  if (name === 'pattern' && typeof value === 'string') return <code className="codebox">{escapeHidden(value)}</code>
  if (name === 'confidence' && typeof value === 'number') return t('record.confidence', { n: value })
  if (typeof value === 'string') return <Scalar name={name} value={value} />
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return value.slice(0, ITEMS_SHOWN).map((each: string, at) => (
      <span key={at}>
        {at === 0 ? null : ', '}
        <Scalar name={name} value={each} />
      </span>
    ))
  if (name === 'external_references' && Array.isArray(value)) return <References value={value} />
  if (name === 'kill_chain_phases' && Array.isArray(value))
    return value
      .map((each: Fields) => String(each['phase_name'] ?? ''))
      .slice(0, ITEMS_SHOWN)
      .join(', ')
  return <code className="codebox">{escapeHidden(JSON.stringify(value, undefined, 2))}</code>
}

function Scalar({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  if (ID.test(value))
    return (
      <Link className="link" to={to.record(value)}>
        <Value>{shortId(value)}</Value>
      </Link>
    )
  if (TIME.test(value) && Number.isFinite(Date.parse(value)))
    return name.startsWith('valid') ? day(value) : fullTime(value)
  if (name === 'value') return <Observable wrap>{value}</Observable>
  const key = `word.${value}`
  return hasKey(key) ? t(key) : <Foreign charsMax={2000}>{value}</Foreign>
}

function References({ value }: { readonly value: readonly Fields[] }): ReactNode {
  return (
    <ul className="refs">
      {value.slice(0, ITEMS_SHOWN).map((each, at) => (
        <li key={at}>
          <Foreign>
            {[each['source_name'], each['external_id']].filter((part) => typeof part === 'string').join(' ')}
          </Foreign>
          {typeof each['url'] === 'string' ? (
            <>
              {' '}
              <LinkOut address={each['url']} />
            </>
          ) : null}
        </li>
      ))}
    </ul>
  )
}
