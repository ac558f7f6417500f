// What lists of our own API are asked for, and what they answer: a page, and where the list goes on.
import Type, { type Static, type TArray, type TObject, type TOptional, type TSchema, type TString } from 'typebox'
import { LIMITS } from './limits.ts'

/** What every list that can grow may be asked for, besides where it goes on. */
export const ListQuery = Type.Object({
  q: Type.Optional(
    Type.String({ maxLength: LIMITS.listWordsMax, description: 'Only what has this in it, in capitals or not.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageMax })),
})
/** The same for a list whose cursor is a number. */
export const NumberedQuery = Type.Object({
  ...ListQuery.properties,
  cursor: Type.Optional(Type.Integer({ minimum: 0 })),
})
/** The same for a list whose cursor is a name. */
export const NamedQuery = Type.Object({
  ...ListQuery.properties,
  cursor: Type.Optional(Type.String({ maxLength: 253 })),
})
export type Asked = Static<typeof NumberedQuery> | Static<typeof NamedQuery>

/** The shape of a page of these. */
export function pageShape<T extends TSchema>(item: T): TObject<{ items: TArray<T>; next: TOptional<TString> }> {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: 'The cursor of the next page.' })),
  })
}
