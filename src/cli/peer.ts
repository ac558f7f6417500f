import { Fault } from '#kernel/fault.ts'
import type { PeerView } from '#federation/wire.ts'
import { listOption, requirePositional, type CliContext, type Command } from './args.ts'
import { safeText, type Output } from './output.ts'

export const command: Command = {
  name: 'peer',
  summary: 'Peers: the members whose nodes this one exchanges with.',
  usage: [
    'peer invite',
    'peer accept INVITATION',
    'peer approve MEMBER [--community NAME]…',
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
      description: 'A community this peer is in; can be given more than once.',
    },
  },
  examples: [
    'comity peer invite',
    'comity peer accept comity-invite:…',
    'comity peer approve grid.example --community energy.example',
  ],
  run: async (context) => {
    const [verb = 'list'] = context.positionals
    const client = await context.node()
    const { out } = context
    if (verb === 'list') {
      const page = await client.get<{ items: PeerView[] }>('/peers')
      out.data(page)
      if (page.items.length === 0) out.line('no peers yet; begin with: comity peer invite')
      else out.table(['MEMBER', 'STATE', 'COMMUNITIES', 'ITS LOG', 'LAST CONTACT', 'NOTE'], page.items.map(rowOf))
      return 0
    }
    if (verb === 'invite') {
      const answer = await client.post<{ invitation: string; expires: string }>('/peers/invitations')
      out.data(answer)
      out.line(answer.invitation)
      out.line()
      out.line(`Give this line to one member. It works once, until ${answer.expires}. They run: comity peer accept …`)
      return 0
    }
    const subject = requirePositional(context, 1, verb === 'accept' ? 'the invitation' : 'the member')
    const path = `/peers/${encodeURIComponent(subject)}`
    if (verb === 'accept')
      return met(out, await client.post<{ member: string; words: string[] }>('/peers/accept', { invitation: subject }))
    if (verb === 'approve')
      return approve(context, await client.post<PeerView>(`${path}/approve`, communities(context)))
    if (verb === 'show') return show(out, await client.get<PeerView>(path))
    if (verb === 'pull') {
      const answer = await client.post<{ leaves: number; statements: number }>(`${path}/pull`)
      out.data(answer)
      out.line(`${answer.leaves} new leaves, ${answer.statements} statements received`)
      return 0
    }
    if (verb !== 'remove')
      throw new Fault('input.invalid', `there is no “peer ${verb}”`, {
        place: 'the command line',
        remedy: 'See comity peer --help.',
      })
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

function met(out: Output, answer: { member: string; words: string[] }): number {
  out.data(answer)
  out.line(
    `${answer.member} is known now and waits for approval. These words must be the same on both sides; compare them by telephone:`,
  )
  out.line()
  out.line(`  ${answer.words.join(' ')}`)
  out.line()
  out.line(`If they are: comity peer approve ${answer.member}`)
  return 0
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
  out.line(`  address      ${safeText(peer.url)}`)
  out.line(`  communities  ${peer.communities.join(', ') || 'none'}`)
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
    peer.stopped ?? peer.doubt?.reason ?? peer.lastError ?? '',
  ]
}
