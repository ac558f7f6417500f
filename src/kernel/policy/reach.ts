// Who would receive a record that is not written yet: the answer that the rules give once it is.
import type { ReaderJudge } from './judge.ts'
import type { Recipient } from './preview.ts'
import type { CollectionShare, Decision, Subject } from './types.ts'
import type { ReachView } from './wire.ts'

/** A record before it is written: how it would be marked, how its collection is set, and whom it would name. */
export type Intent = CollectionShare & Pick<Subject, 'marking'> & { readonly names: readonly string[] }

export async function reach(
  judge: Pick<ReaderJudge, 'decide'>,
  { names, ...subject }: Intent,
  recipients: readonly Recipient[],
): Promise<ReachView> {
  const isNamed = ({ principal }: Recipient): boolean =>
    subject.marking.audience.named && principal.kind === 'member' && names.includes(principal.member)
  const decisions = await judge.decide(
    recipients.map((each) => ({ principal: each.principal, subject: { ...subject, named: isNamed(each) } })),
  )
  return {
    items: recipients.map(({ name: to }, at) => {
      const { allow, rule, reason } = decisions[at] as Decision
      return { to, allow, rule, reason }
    }),
  }
}
