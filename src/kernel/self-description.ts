// What a member says of itself for people: names by language, kind, country, contact. It may change at any time; the
// member's id, its log and its keys do not change with it.
import type { Identity } from './data-folder.ts'
import { Fault } from './fault.ts'
import { MEMBER_KINDS } from './id.ts'
import { LIMITS } from './limits.ts'

export type SelfDescription = Pick<Identity, 'names' | 'kind' | 'country' | 'contact'>

/** What is not given stays; null takes away. */
export type SelfChange = {
  /** By language tag; replaces all. */
  readonly names?: Readonly<Record<string, string>>
  readonly kind?: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | null
  readonly contact?: string | null
}

const LANGUAGE = /^[A-Za-z0-9-]{1,35}$/

/** The identity with what is changed. Throws `input.invalid` that names the place; then nothing holds of it. */
export function describeSelf<T extends SelfDescription>(before: T, change: SelfChange): T {
  const names = change.names ?? before.names
  checkNames(names)
  const { country: _, contact: __, ...rest } = before
  const country = change.country === undefined ? before.country : (change.country ?? undefined)
  const contact = change.contact === undefined ? before.contact : (change.contact ?? undefined)
  if (country !== undefined && !/^[A-Z]{2}$/.test(country))
    throw new Fault('input.invalid', 'a country is two capital letters, or none', { place: 'country' })
  if (contact !== undefined && (contact.length === 0 || contact.length > LIMITS.contactCharsMax))
    throw new Fault('input.invalid', `a contact has 1 to ${LIMITS.contactCharsMax} characters`, { place: 'contact' })
  return {
    ...rest,
    names,
    kind: kindOf(change.kind ?? before.kind),
    ...(country === undefined ? {} : { country }),
    ...(contact === undefined ? {} : { contact }),
  } as T
}

function checkNames(names: SelfDescription['names']): void {
  const all = Object.entries(names)
  if (all.length === 0 || all.length > LIMITS.memberNamesMax)
    throw new Fault('input.invalid', `a member has 1 to ${LIMITS.memberNamesMax} names`, { place: 'names' })
  for (const [language, name] of all) {
    if (!LANGUAGE.test(language))
      throw new Fault('input.invalid', `“${language.slice(0, 40)}” is no language tag`, {
        place: 'names',
        remedy: 'Use a tag such as en, fr or zh-Hans.',
      })
    if (name.length === 0 || name.length > LIMITS.memberNameCharsMax)
      throw new Fault('input.invalid', `a name has 1 to ${LIMITS.memberNameCharsMax} characters`, {
        place: `names.${language}`,
      })
  }
}

function kindOf(text: string): SelfDescription['kind'] {
  const kind = MEMBER_KINDS.find((each) => each === text)
  if (kind !== undefined) return kind
  throw new Fault('input.invalid', `“${text.slice(0, 40)}” is no kind of member`, {
    place: 'kind',
    remedy: `Use one of ${MEMBER_KINDS.join(', ')}.`,
  })
}
