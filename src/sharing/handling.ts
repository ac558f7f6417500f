// How what goes into a collection may be handled: as its collection says in the transaction that logs it. Between the
// moment it was sent and that transaction there may be a long import, or a log that could not be signed, and meanwhile
// people may have made the collection stricter. Where they made it looser, that is for what is sent after it.
import { stricterMarking, stricterTlp, type Marking, type Tlp } from '#kernel/marking.ts'
import type { Tx } from '#kernel/store/types.ts'
import { handlingOf, type Handling } from './collection.ts'
import { demandReading } from './feeds/put.ts'
import type { PutInput } from './put-command.ts'

/** A label as it was when the record was sent, and whether the object says it of itself: then no default replaces it. */
export type SentLabel = { readonly tlp: Tlp; readonly own: boolean }

/** The handling of what a put brings, as its collection is now. */
export function handlingNow(
  tx: Tx,
  { collection, feed, marking: sent, named: sentTo, contextMarking: sentContext = null }: PutInput,
): Handling {
  const now = handlingOf(tx, collection)
  const named = now.named.filter((name) => sentTo.includes(name))
  const forNamed = (marking: Marking): Marking => ({
    ...marking,
    audience: { ...marking.audience, named: named.length > 0 },
  })
  const marking = feed === undefined ? now.marking : demandReading(tx, feed)
  const context = now.contextMarking
  return {
    // Under a label of its own an object keeps that: of the two markings the rest alone is compared.
    marking: forNamed(sent === undefined ? marking : { ...stricterMarking(sent, marking), tlp: marking.tlp }),
    contextMarking: sentContext && context && forNamed(stricterMarking(sentContext, context)),
    named,
  }
}

/** A marking for what was sent under a label. */
export function underLabel(marking: Marking, { tlp, own }: SentLabel): Marking {
  return { ...marking, tlp: own ? tlp : stricterTlp(tlp, marking.tlp) }
}
