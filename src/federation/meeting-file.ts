// First contact without a network: the invitation with the inviter's node document in one file, and the answer in
// another (docs/protocol.md, "First contact"). Each is a line of JSON, so that it can also be sent as text.
import { Compile } from 'typebox/compile'
import type { Static } from 'typebox'
import { Fault } from '#kernel/fault.ts'
import { parseJson } from '#kernel/json.ts'
import { InvitationFileShape, PairRequestShape } from './wire.ts'

export type InvitationFile = Static<typeof InvitationFileShape>
/** The very message that an acceptance over the network is. */
export type AnswerFile = Static<typeof PairRequestShape>

const invitationShape = Compile(InvitationFileShape)
const answerShape = Compile(PairRequestShape)

export function formatMeeting(file: InvitationFile | AnswerFile): string {
  return `${JSON.stringify(file)}\n`
}

/** Reads either file; undefined for a text that is no JSON. Throws `input.invalid` for JSON that is neither. */
export function parseMeeting(text: string): InvitationFile | AnswerFile | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  const value = parseJson(Buffer.from(text))
  if (invitationShape.Check(value)) return value
  if (answerShape.Check(value)) return value
  throw new Fault('input.invalid', 'this is neither an invitation nor the answer to one', {
    remedy: 'Give the file that “comity peer invite --out” or “comity peer accept --out” wrote.',
  })
}
