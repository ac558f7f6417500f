// Who wrote a manifest: an Ed25519 signature by the key that signs the member's requests, over other bytes than a
// request has. Without it whoever knows a member's public key could say in another's name what that one has received.
import { sign, verify } from 'node:crypto'
import type { SigningKey } from '#kernel/http/signature.ts'
import { formatBase64, parseBase64 } from '#kernel/base64.ts'
import { httpKeyOf } from '../document.ts'
import type { NodeDocument } from '../wire.ts'

const CONTEXT = Buffer.from('comity/bundle/v1\0')

/** `manifest.sig`: the key's id, a space, the signature in base64, a line feed. */
export function signManifest(manifest: Uint8Array, { keyid, privateKey }: SigningKey): Uint8Array {
  const signature = sign(null, Buffer.concat([CONTEXT, manifest]), privateKey)
  return Buffer.from(`${keyid} ${formatBase64(signature)}\n`)
}

/** Whether a key of this document signed a manifest. Never throws for foreign bytes. */
export function provesManifest(manifest: Uint8Array, signature: Uint8Array, document: NodeDocument): boolean {
  const [, keyid = '', text = ''] =
    /^(\S{1,400}) ([A-Za-z0-9+/]{86}==)\n$/.exec(Buffer.from(signature).toString('latin1')) ?? []
  const [key, bytes] = [httpKeyOf(document, keyid), parseBase64(text)]
  return (
    key !== undefined && bytes !== undefined && verify(null, Buffer.concat([CONTEXT, manifest]), key.publicKey, bytes)
  )
}
