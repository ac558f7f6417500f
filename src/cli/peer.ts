import { Fault } from '#kernel/fault.ts'
import type { PeerView } from '#federation/wire.ts'
import {
  listOption,
  noVerb,
  parseSize,
  requirePositional,
  stringOption,
  type CliContext,
  type Command,
} from './args.ts'
import { demandNewFile, invitationIn, invite, met, type Invited, type Met } from './peer-meet.ts'
import { safeText, type Output } from './output.ts'

export const command: Command = {
  name: 'peer',
  summary: 'Peers: the members whose nodes this one exchanges with.',
  usage: [
    'peer invite [--out FILE]',
    'peer accept INVITATION|FILE [--out FILE]',
    'peer approve MEMBER [--community NAME]…',
    'peer set MEMBER [--community NAME]… [--adequate CC]… [--agreement CC=TEXT]… [--budget SIZE|none]',
    'peer list',
    'peer show MEMBER',
    'peer pull MEMBER',
    'peer remove MEMBER',
  ],
  options: {
    community: {
      type: 'string',
      multiple: true,
      placeholder: 'NAME',
      description: 'A community this peer is in; can be given more than once. With set: none for no community.',
    },
    adequate: {
      type: 'string',
      multiple: true,
      placeholder: 'CC',
      description: 'A jurisdiction (ISO 3166-1) whose personal data is protected well enough there; none for none.',
    },
    agreement: {
      type: 'string',
      multiple: true,
      placeholder: 'CC=TEXT',
      description: 'A jurisdiction whose personal data may go there, and by which agreement; none for none.',
    },
    budget: {
      type: 'string',
      placeholder: 'SIZE',
      description: 'Bytes a day to and from this peer, e.g. 20M; beyond them what is large waits until midnight UTC.',
    },
    out: {
      type: 'string',
      placeholder: 'FILE',
      description: 'Where to write an invitation, or the answer to one, to be carried instead of sent.',
    },
  },
  examples: [
    'comity peer invite',
    'comity peer accept comity-invite:…',
    'comity peer invite --out /media/stick/invitation.json',
    'comity peer accept /media/stick/invitation.json --out /media/stick/answer.json',
    'comity peer approve grid.example --community energy.example',
    'comity peer set grid.example --adequate CH --agreement DE="standard clauses of 3 March"',
  ],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    if (verb === 'invite' || verb === 'accept') demandNewFile(context)
    const client = await context.node()
    const { out } = context
    if (verb === 'list') {
      const page = await client.get<{ items: PeerView[] }>('/peers')
      out.data(page)
      if (page.items.length === 0) out.line('no peers yet; begin with: comity peer invite')
      else out.table(['MEMBER', 'STATE', 'COMMUNITIES', 'ITS LOG', 'LAST CONTACT', 'NOTE'], page.items.map(rowOf))
      return 0
    }
    if (verb === 'invite') return invite(context, await client.post<Invited>('/peers/invitations'))
    const subject = requirePositional(context, 1, verb === 'accept' ? 'the invitation' : 'the member')
    const path = `/peers/${encodeURIComponent(subject)}`
    if (verb === 'accept')
      return met(context, await client.post<Met>('/peers/accept', { invitation: invitationIn(context, subject) }))
    if (verb === 'approve')
      return approve(context, await client.post<PeerView>(`${path}/approve`, communities(context)))
    if (verb === 'set') return show(out, await client.patch<PeerView>(path, changeOf(context)))
    if (verb === 'show') return show(out, await client.get<PeerView>(path))
    if (verb === 'pull') {
      const answer = await client.post<{ leaves: number; statements: number }>(`${path}/pull`)
      out.data(answer)
      out.line(`${answer.leaves} new leaves, ${answer.statements} statements received`)
      return 0
    }
    if (verb !== 'remove') throw noVerb('peer', verb)
    await client.delete(path)
    out.data({ removed: subject })
    out.line(`${subject} is no longer a peer. What it received before stays with it.`)
    return 0
  },
}

function communities(context: CliContext): { communities?: readonly string[] } {
  const given = listOption(context, 'community')
  return given.length === 0 ? {} : { communities: given }
}

/** What is given replaces what was; `none` leaves nothing of it. */
function changeOf(context: CliContext): object {
  const given = (name: string): readonly string[] | undefined => {
    const values = listOption(context, name)
    if (values.length === 0) return undefined
    return values.length === 1 && values[0] === 'none' ? [] : values
  }
  const [communities, adequate, agreement] = [given('community'), given('adequate'), given('agreement')]
  const agreements = agreement?.map((text): [string, string] => {
    const cut = text.indexOf('=')
    if (cut > 0 && cut < text.length - 1) return [text.slice(0, cut), text.slice(cut + 1)]
    throw new Fault('input.invalid', `“${text.slice(0, 80)}” names no agreement`, {
      place: '--agreement',
      remedy: 'Write the jurisdiction, “=” and the agreement, for example DE="standard clauses of 3 March".',
    })
  })
  return {
    ...(communities === undefined ? {} : { communities }),
    ...(adequate === undefined ? {} : { adequate }),
    ...budgetOf(context),
    ...(agreements === undefined ? {} : { agreements: Object.fromEntries(agreements) }),
  }
}

function approve(context: CliContext, peer: PeerView): number {
  context.out.data(peer)
  context.out.line(
    `${peer.member} is approved${peer.communities.length === 0 ? '' : `, in ${peer.communities.join(', ')}`}`,
  )
  return 0
}

function show(out: Output, peer: PeerView): number {
  out.data(peer)
  out.line(`${peer.member}  ${Object.values(peer.names).map(safeText).join(' / ')}`)
  out.line(`  state        ${peer.state}`)
  out.line(`  words        ${peer.words.join(' ')}`)
  out.line(`  address      ${peer.network ? safeText(peer.url) : 'none: it has no network; write bundles for it'}`)
  out.line(`  communities  ${peer.communities.join(', ') || 'none'}`)
  if (peer.kind !== undefined)
    out.line(`  it said      ${[peer.kind, ...(peer.country === undefined ? [] : [peer.country])].join(', ')}`)
  if (peer.saysNow !== undefined)
    out.line(`  SAYS NOW     ${safeText(peer.saysNow)}; to take that, compare and approve it again`)
  if (peer.adequate.length > 0) out.line(`  adequate for personal data under ${peer.adequate.join(', ')}`)
  for (const [jurisdiction, text] of Object.entries(peer.agreements))
    out.line(`  agreement for personal data under ${jurisdiction}: ${safeText(text)}`)
  out.line(`  its log      ${peer.logSize} statements here, verified`)
  out.line(`  received     ${peer.received} items from it, ${peer.delivered} given to it`)
  out.line(`  last contact ${peer.lastContact ?? 'never'}`)
  if (peer.committed !== undefined) out.line(`  committed    ${peer.committed} items to this member, by its log`)
  if (peer.doubt !== undefined) out.line(`  DOUBT        ${safeText(peer.doubt.reason)}, since ${peer.doubt.since}`)
  if (peer.stopped !== undefined) out.line(`  STOPPED      ${safeText(peer.stopped)}`)
  if (peer.lastError !== undefined) out.line(`  last error   ${safeText(peer.lastError)}`)
  return 0
}

function rowOf(peer: PeerView): string[] {
  return [
    peer.member,
    peer.state,
    peer.communities.join(' '),
    String(peer.logSize),
    peer.lastContact ?? 'never',
    peer.stopped ?? peer.doubt?.reason ?? spentNote(peer) ?? peer.lastError ?? '',
  ]
}

function spentNote({ budget }: PeerView): string | undefined {
  return budget?.spent === true
    ? `${budget.used} bytes today, ${budget.bytes} allowed: what is large waits until ${budget.resets}`
    : undefined
}

function budgetOf(context: CliContext): { budgetBytes?: number | null } {
  const text = stringOption(context, 'budget')
  if (text === undefined) return {}
  return { budgetBytes: text === 'none' ? null : parseSize(text, '--budget') }
}
