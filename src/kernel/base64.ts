// Base64 as signed notes use it (RFC 4648 section 4). One value has one spelling: what decodes but would not be
// encoded that way (white space, missing padding, stray bits at the end) is refused, so that two texts that differ
// never carry the same signature or hash.

/** The bytes of canonical base64, or undefined where the text is not that. */
export function parseBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined
}

export function formatBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
