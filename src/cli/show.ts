import type { RecordDetail } from '#sharing/wire.ts'
import { requirePositional, type Command } from './args.ts'
import { sayAnswer } from './erasures.ts'
import { safeText, type Output } from './output.ts'

export const command: Command = {
  name: 'show',
  summary: 'Show a record: its versions, author, marking, the proof behind it, and who received it under which rule.',
  usage: ['show ID'],
  options: {},
  examples: ['comity show indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f'],
  run: async (context) => {
    const client = await context.node()
    const id = requirePositional(context, 0, 'the id of a record')
    const record = await client.get<RecordDetail>(`/records/${encodeURIComponent(id)}`)
    context.out.data(record)
    context.out.line(safeText(record.id))
    for (const { number, at, what } of record.waiting ?? [])
      context.out.line(`  waits to be logged: ${what}, received ${at}, number ${number} of “comity kept list”`)
    for (const version of record.versions) printVersion(context.out, version)
    return record.versions.every(({ proof }) => proof.verified && proof.disputed === undefined) ? 0 : 1
  },
}

function printVersion(out: Output, version: RecordDetail['versions'][number]): void {
  const { marking, proof } = version
  const audience = [...(marking.audience.named ? ['named members'] : []), ...marking.audience.communities].join(', ')
  out.line()
  out.line(
    `version ${version.version ?? '(none)'}${version.latest ? ', latest' : ''}${version.withdrawn ? ', WITHDRAWN' : ''}`,
  )
  if (version.name !== undefined) out.line(`  name       ${safeText(version.name)}`)
  out.line(
    `  author     ${version.author}${version.via === undefined ? '' : `, by way of ${version.via.member}, ${version.via.at}`}`,
  )
  out.line(`  collection ${version.collection}, since ${version.addedAt}`)
  out.line(
    `  marking    TLP:${marking.tlp}${audience === '' ? '' : `, for ${audience}`}, personal data ${marking.personal}`,
  )
  out.line(
    `  proof      ${proof.verified ? 'verified' : `NOT VERIFIED: ${proof.reason ?? ''}`}: leaf ${proof.index} of ${proof.origin}, signed at size ${proof.size}`,
  )
  out.line(`  ladder     ${ladderText(proof.ladder)}`)
  if (proof.disputed !== undefined)
    out.line(
      `  DISPUTED   the log’s keys signed it, but ${version.author} says that log ended at size ${proof.disputed.size}`,
    )
  if (version.withdrawal !== undefined)
    out.line(`  withdrawn  ${version.withdrawal.reason}, ${version.withdrawal.at}, leaf ${version.withdrawal.index}`)
  for (const each of version.withdrawal?.answers ?? [])
    out.line(`  answered   ${each.member}: ${sayAnswer(each)}, ${each.since}`)
  for (const each of version.recipients)
    out.line(`  received   ${each.member}${each.at === undefined ? '' : `, ${each.at}`}: ${each.reason} [${each.rule}]`)
  for (const each of version.refused) out.line(`  not given  ${each.member}: ${each.reason} [${each.rule}]`)
  if (version.context !== undefined) {
    const { marking: handling } = version.context
    out.line(`  context    ${handling === null ? 'for nobody but its author' : `TLP:${handling.tlp}`}`)
    printJson(out, version.context.object)
    out.line('  record')
  }
  printJson(out, version.object)
}

/** Every step that was reached, and how far the last one is. */
function ladderText({ step, k, n, needed }: RecordDetail['versions'][number]['proof']['ladder']): string {
  if (step === 'received') return 'received, not shown to be logged'
  return `received, logged, witnessed ${k} of ${n}${step === 'witnessed' ? '' : `; ${needed} are enough`}`
}

function printJson(out: Output, value: unknown): void {
  for (const line of JSON.stringify(value, undefined, 2).split('\n')) out.line(`  ${safeText(line)}`)
}
