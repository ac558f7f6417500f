// The keys of a node as one encrypted file: age (age-encryption.org/v1) under a passphrase, in its ASCII armour, so that
// it can be printed, and opened with any age tool. Inside is a small JSON document with the key files as they lie.
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { isAgeText, openWithPassphrase, sealUnderPassphrase } from '#kernel/age-file.ts'
import { Fault } from '#kernel/fault.ts'
import { RECORD_KEYS_FILE } from '#kernel/record-key-file.ts'
import { parseJson } from '#kernel/json.ts'

/** Files that may be in the box; anything else in it is refused, so that no name leads out of the folder. */
export const KEY_FILES = ['log.json', 'http.json', 'witness.json', 'recipient.json', 'cursor.json'] as const
export const TLS_FILES = ['tls-key.pem', 'tls-cert.pem'] as const

/** An erased item leaves about two kilobytes in the record keys. */
export const KEY_BOX_BYTES_MAX = 16 * 1024 * 1024

const BoxShape = Type.Object(
  {
    format: Type.Literal(1),
    member: Type.String({ maxLength: 253 }),
    origin: Type.String({ maxLength: 255 }),
    time: Type.String({ maxLength: 40 }),
    files: Type.Object(
      {
        ...Object.fromEntries(KEY_FILES.map((name) => [name, Type.String({ maxLength: 4000 })])),
        ...Object.fromEntries(TLS_FILES.map((name) => [name, Type.Optional(Type.String({ maxLength: 20_000 }))])),
        [RECORD_KEYS_FILE]: Type.Optional(Type.String({ maxLength: KEY_BOX_BYTES_MAX })),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
type Shape = Static<typeof BoxShape>
export type KeyBox = Omit<Shape, 'files'> & { readonly files: Readonly<Record<string, string>> }

const shape = Compile(BoxShape)

export function closeKeyBox(box: KeyBox, passphrase: string): Promise<string> {
  return sealUnderPassphrase(JSON.stringify(box), passphrase)
}

/** Opens a box. Throws a Fault that tells a wrong passphrase from a damaged file as far as that can be told. */
export async function openKeyBox(text: string, passphrase: string): Promise<KeyBox> {
  if (!isAgeText(text))
    throw new Fault('input.invalid', 'this is not a file of “comity keys export”', {
      remedy: 'It begins with -----BEGIN AGE ENCRYPTED FILE-----.',
    })
  const box = parseJson(await openWithPassphrase(text, passphrase))
  if (!shape.Check(box))
    throw new Fault('input.invalid', 'what is in the file with the keys is not of a form known here', {
      remedy: 'Use the version that made it, or a newer one.',
    })
  return box as KeyBox
}
