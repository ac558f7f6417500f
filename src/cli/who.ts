import type { ErasuresPage } from '#federation/erasure/wire.ts'
import { Fault } from '#kernel/fault.ts'
import type { RecordDetail } from '#sharing/wire.ts'
import { requirePositional, type Command } from './args.ts'
import { printAnswers, printErasures } from './erasures.ts'
import type { Output } from './output.ts'

export const command: Command = {
  name: 'who',
  summary: 'Who has a record: since when, under which rule, confirmed or silent; and which peers do not, and why.',
  usage: ['who ID'],
  options: {},
  examples: ['comity who indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f'],
  run: async (context) => {
    const id = requirePositional(context, 0, 'the id of the record')
    const client = await context.node()
    const { out } = context
    const erasures = await client.get<ErasuresPage>('/erasures', { record: id })
    const record = await client.get<RecordDetail>(`/records/${encodeURIComponent(id)}`).catch((error: unknown) => {
      if (erasures.items.length > 0 && error instanceof Fault && error.code === 'not-found') return { versions: [] }
      throw error
    })
    out.data({
      id,
      versions: record.versions.map(({ version, author, recipients, refused, withdrawal }) => ({
        version,
        author,
        recipients,
        refused,
        ...(withdrawal === undefined ? {} : { withdrawal }),
      })),
      ...(erasures.items.length === 0 ? {} : { erased: erasures.items }),
    })
    printErasures(out, erasures)
    for (const { version, author, recipients, refused, marking, withdrawal } of record.versions) {
      out.line(`version ${version ?? '(none)'}, TLP:${marking.tlp}, said by ${author}`)
      for (const { member, ended } of recipients)
        if (ended !== undefined)
          out.line(`  ${member} would not get it today (${ended}); the copy it has stays with it`)
      if (withdrawal !== undefined) printWithdrawal(out, withdrawal)
      if (recipients.length + refused.length === 0) out.line('  nobody was given it by this node')
      else
        out.table(
          ['MEMBER', 'HAS IT', 'SINCE', 'WHY'],
          [
            ...recipients.map((each) => [
              each.member,
              [
                each.confirmed === true ? 'confirmed' : 'offered, silent',
                ...(each.context === true ? ['with context'] : []),
                ...(each.ended === undefined ? [] : ['not any more']),
              ].join('; '),
              each.at ?? '',
              `${each.reason} [${each.rule}]`,
            ]),
            ...refused.map((each) => [each.member, 'no', '', `${each.reason} [${each.rule}]`]),
          ],
        )
    }
    return 0
  },
}

function printWithdrawal(
  out: Output,
  { reason, at, answers }: NonNullable<RecordDetail['versions'][number]['withdrawal']>,
): void {
  out.line(`  withdrawn ${at}, ${reason}`)
  printAnswers(out, answers)
}
