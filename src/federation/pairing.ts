// Meeting: inviting, accepting, and answering an acceptance. Both sides end with the other's document and the same
// eight words, pending until a person on each side approves.
import { Compile } from 'typebox/compile'
import { parseBase64, formatBase64 } from '#kernel/base64.ts'
import type { Clock, Random } from '#kernel/clock.ts'
import { Fault } from '#kernel/fault.ts'
import type { Outbound } from '#kernel/http/outbound.ts'
import { memberId } from '#kernel/id.ts'
import { parseJson } from '#kernel/json.ts'
import { LIMITS } from '#kernel/limits.ts'
import type { Store } from '#kernel/store/types.ts'
import { documentHash, parseNodeDocument } from './document.ts'
import { formatInvitation, pairingMac, pairingWords, parseInvitation, sameMac } from './invitation.ts'
import { formatMeeting, parseMeeting, type AnswerFile, type InvitationFile } from './meeting-file.ts'
import { addInvitation, addPeer, admitStranger, uselessInvitation } from './meet.ts'
import { PairAnswerShape } from './wire.ts'

const pairAnswer = Compile(PairAnswerShape)

export type PairingDeps = {
  readonly store: Store
  readonly outbound: Outbound
  readonly clock: Clock
  readonly random: Random
  readonly member: string
  /** The bytes of this member's current node document. */
  readonly ownDocument: () => Promise<Uint8Array>
}

export type Invited = {
  readonly invitation: string
  /** The same with our node document, for who cannot fetch it. */
  readonly file: string
  readonly expiresMs: number
}

/** Makes an invitation. It names the address and the key that the published node document names, and no others. */
export async function invite(deps: PairingDeps, actor: string): Promise<Invited> {
  const own = await deps.ownDocument()
  const parsed = parseNodeDocument(own)
  if (!parsed.ok) throw new Error(`this node's own document is not valid: ${parsed.reason}`)
  const { endpoint, tls } = parsed.document
  const id = deps.random(8).toHex()
  const secret = deps.random(32)
  const expiresMs = deps.clock.nowMs() + LIMITS.invitationLifeMs
  await deps.store.write(addInvitation, { actor, id, secret, expiresMs })
  const invitation = formatInvitation({
    id,
    member: memberId(deps.member),
    url: endpoint,
    ...(tls[0] === undefined ? {} : { tls: tls[0] }),
    secret,
    expiresMs,
  })
  return { invitation, file: formatMeeting({ invitation, document: formatBase64(own) }), expiresMs }
}

export type Met = {
  readonly member: string
  readonly words: readonly string[]
  /** A file for the member that invited, where the invitation came as one. */
  readonly answer?: string
}

/** Accepts an invitation, or the answer to one: a line as it was pasted, or the text of a file. */
export async function accept(deps: PairingDeps, actor: string, text: string): Promise<Met> {
  const meeting = parseMeeting(text)
  if (meeting === undefined) return acceptByNetwork(deps, actor, text)
  return 'mac' in meeting ? takeAnswer(deps, meeting) : acceptByFile(deps, actor, meeting)
}

/** The invitation came with their document: ours goes back in a file, with the proof. */
async function acceptByFile(deps: PairingDeps, actor: string, file: InvitationFile): Promise<Met> {
  const invitation = parseInvitation(file.invitation, deps.clock.nowMs())
  const [own, theirs] = [await deps.ownDocument(), parseBase64(file.document) ?? new Uint8Array(0)]
  const mac = pairingMac(invitation.secret, 'accept', documentHash(theirs), documentHash(own))
  const met = await meet(deps, { actor, theirs, own, expected: invitation.member })
  return { ...met, answer: formatMeeting({ invitation: invitation.id, document: formatBase64(own), mac }) }
}

/** Accepts an invitation over the network: sends our document with the proof, checks theirs, and keeps them as pending. */
async function acceptByNetwork(deps: PairingDeps, actor: string, text: string): Promise<Met> {
  const invitation = parseInvitation(text, deps.clock.nowMs())
  if (invitation.member === deps.member)
    throw new Fault('input.invalid', 'this invitation is this member’s own', {
      remedy: 'Give it to the member you invite.',
    })
  const own = await deps.ownDocument()
  const pins = invitation.tls === undefined ? {} : { tlsKeyHashes: [invitation.tls] }
  const theirs = await fetchDocument(deps.outbound, invitation.url, pins)
  const hashes = { inviter: documentHash(theirs), accepter: documentHash(own) }
  const body = Buffer.from(
    JSON.stringify({
      invitation: invitation.id,
      document: formatBase64(own),
      mac: pairingMac(invitation.secret, 'accept', hashes.inviter, hashes.accepter),
    }),
  )
  const response = await deps.outbound.request({
    url: `${invitation.url}/peer/pair`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    bodyBytesMax: LIMITS.nodeDocumentBytesMax * 2,
    ...pins,
  })
  if (response.status !== 200)
    throw new Fault('peer.refused', `${invitation.member} refused: ${reasonIn(response.body)}`, {
      remedy: 'An invitation works once. Ask for a new one.',
    })
  if (!sameMac(macIn(response.body), pairingMac(invitation.secret, 'invite', hashes.inviter, hashes.accepter)))
    throw new Fault('peer.invalid', `whoever answers at ${invitation.url} does not know the invitation’s secret`, {
      remedy: 'Do not go on. Ask by telephone.',
    })
  return meet(deps, { actor, theirs, own, expected: invitation.member })
}

/** What the answer proves itself with; nothing where it is no answer at all. */
function macIn(body: Uint8Array): string {
  try {
    const answer = parseJson(body)
    return pairAnswer.Check(answer) ? answer.mac : ''
  } catch (error) {
    if (error instanceof Fault) return ''
    throw error
  }
}

async function fetchDocument(outbound: Outbound, url: string, pins: { tlsKeyHashes?: string[] }): Promise<Uint8Array> {
  const response = await outbound.request({
    url: `${url}/.well-known/comity`,
    method: 'GET',
    bodyBytesMax: LIMITS.nodeDocumentBytesMax,
    ...pins,
  })
  if (response.status !== 200)
    throw new Fault('peer.invalid', `there is no Comity node at ${url}`, {
      remedy: 'Ask whether the address in the invitation is right.',
    })
  return response.body
}

async function takeAnswer(deps: PairingDeps, answer: AnswerFile): Promise<Met> {
  const { theirs, own } = await judgeAcceptance(deps, answer)
  return meet(deps, { actor: 'invitation', theirs, own, invitation: answer.invitation })
}

/** Answers an acceptance that came over the network. */
export async function answerAcceptance(
  deps: PairingDeps,
  request: AnswerFile,
): Promise<{ document: string; mac: string }> {
  const { secret, theirs, own } = await judgeAcceptance(deps, request)
  const parsed = parseNodeDocument(theirs)
  const words = parsed.ok ? wordsWith(deps, { member: parsed.document.member, theirs, own }) : []
  const { invitation } = request
  if (!(await deps.store.write(admitStranger, { actor: 'invitation', document: theirs, words, invitation })))
    throw uselessInvitation()
  return { document: formatBase64(own), mac: pairingMac(secret, 'invite', documentHash(own), documentHash(theirs)) }
}

/** One refusal for all that does not fit, so that guessing learns nothing. */
async function judgeAcceptance(
  deps: PairingDeps,
  request: AnswerFile,
): Promise<{ readonly secret: Uint8Array; readonly theirs: Uint8Array; readonly own: Uint8Array }> {
  const row = await deps.store.get<{ secret: Uint8Array; expires: number }>(
    'SELECT secret, expires_ms AS expires FROM invitation WHERE id = ?',
    request.invitation,
  )
  const theirs = parseBase64(request.document)
  if (row === undefined || row.expires <= deps.clock.nowMs() || theirs === undefined) throw uselessInvitation()
  const own = await deps.ownDocument()
  if (!sameMac(request.mac, pairingMac(row.secret, 'accept', documentHash(own), documentHash(theirs))))
    throw uselessInvitation()
  return { secret: row.secret, theirs, own }
}

async function meet(
  deps: PairingDeps,
  {
    actor,
    theirs,
    own,
    expected,
    invitation,
  }: { actor: string; theirs: Uint8Array; own: Uint8Array; expected?: string; invitation?: string },
): Promise<Met> {
  const parsed = parseNodeDocument(theirs)
  if (!parsed.ok) throw new Fault('peer.invalid', parsed.reason)
  const { member } = parsed.document
  if (expected !== undefined && member !== expected)
    throw new Fault('peer.invalid', `the node says it is ${member}, which is not who was expected`, {
      remedy: 'Do not go on. Ask by telephone.',
    })
  const words = wordsWith(deps, { member, theirs, own })
  await deps.store.write(addPeer, {
    actor,
    document: theirs,
    words,
    ...(invitation === undefined ? {} : { invitation }),
  })
  return { member, words }
}

/** The eight words of two documents, the one of `member` and ours. */
function wordsWith(
  deps: PairingDeps,
  { member, theirs, own }: { readonly member: string; readonly theirs: Uint8Array; readonly own: Uint8Array },
): string[] {
  return pairingWords(
    { member, documentHash: documentHash(theirs) },
    { member: deps.member, documentHash: documentHash(own) },
  )
}

function reasonIn(body: Uint8Array): string {
  try {
    const { detail } = JSON.parse(Buffer.from(body.subarray(0, 10_000)).toString('utf8')) as { detail?: unknown }
    return typeof detail === 'string' ? detail.slice(0, 300) : 'no reason given'
  } catch {
    return 'no reason given'
  }
}
