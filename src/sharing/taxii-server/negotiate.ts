// Media types of TAXII 2.1 (section 1.6.8), read as clients really write them.

export const TAXII_MEDIA_TYPE = 'application/taxii+json;version=2.1'
export const STIX_MEDIA_TYPE = 'application/stix+json;version=2.1'
/** What a lenient collection also holds. */
export const STIX_20_MEDIA_TYPE = 'application/stix+json;version=2.0'

type MediaRange = { readonly type: string; readonly parameters: ReadonlyMap<string, string> }

/** Does any range of an Accept header allow TAXII 2.1? Without a header, and without a version, the latest is meant. */
export function acceptsTaxii(header: string | undefined): boolean {
  if (header === undefined || header.trim() === '') return true
  return header.split(',').some((part) => {
    const { type, parameters } = parseMediaType(part)
    if (parameters.has('q') && Number(parameters.get('q')) === 0) return false
    if (['*/*', 'application/*', 'application/json'].includes(type)) return true
    return type === 'application/taxii+json' && (parameters.get('version') ?? '2.1') === '2.1'
  })
}

/** Is a request's Content-Type TAXII 2.1 (spaces, case and quotes aside)? */
export function isTaxiiContent(header: string | undefined): boolean {
  const { type, parameters } = parseMediaType(header ?? '')
  return type === 'application/taxii+json' && (parameters.get('version') ?? '2.1') === '2.1'
}

function parseMediaType(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';')
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=', 2)
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')] as const
    }),
  )
  return { type: type.trim().toLowerCase(), parameters }
}
