// Base64 as signed notes use it (RFC 4648 section 4). One value has one spelling: what decodes but would not be
// encoded that way (white space, missing padding, stray bits at the end) is refused, so that two texts that differ
// never carry the same signature or hash.

/** The bytes of canonical base64, or undefined where the text is not that. */
export function parseBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' })
    // Strict decoding leaves nothing but white space between two spellings of the same bytes.
    return text.length === Math.ceil(bytes.length / 3) * 4 ? bytes : undefined
  } catch {
    return undefined
  }
}

export function formatBase64(bytes: Uint8Array): string {
  return bytes.toBase64()
}
