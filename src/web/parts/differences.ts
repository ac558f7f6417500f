// What changed between two versions of a record, field by field.

export type Difference = { readonly name: string; readonly from?: string; readonly to?: string }

/** Fields that say when something was said, not what. */
const BOOKKEEPING = new Set(['modified', 'spec_version'])

export function differences(before: unknown, after: unknown): Difference[] {
  const [old, young] = [before, after] as readonly Readonly<Record<string, unknown>>[]
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(young ?? {})])
  return [...names].flatMap((name): Difference[] => {
    if (BOOKKEEPING.has(name)) return []
    const [from, to] = [asText(old?.[name]), asText(young?.[name])]
    if (from === to) return []
    return [{ name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]
  })
}

function asText(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ')
  return JSON.stringify(value)
}
