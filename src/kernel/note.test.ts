import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import fc from 'fast-check'
import { Fault } from './fault.ts'
import { noteSigner, signerVkey, signingKey } from './key.ts'
import { knownVerifiers, noteVerifier } from './note-verifier.ts'
import { LIMITS } from './limits.ts'
import { formatNote, formatVkey, keyId, parseNote, parseVkey, verifyNote, type NoteVerifier } from './note.ts'

// The example of the signed-note specification.
const VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const key = (byte: number) => signingKey('ed25519', new Uint8Array(32).fill(byte))
const invalid = { name: 'Fault', code: 'log.invalid' }

test('the example of the specification verifies', () => {
  const verdict = verifyNote(parseNote(bytesOf(NOTE)), [noteVerifier(VKEY)])
  assert.ok(verdict.ok)
  assert.deepEqual(
    verdict.verified.map(({ name, type, timeSec }) => [name, type, timeSec]),
    [['example.com/foo', 1, 0]],
  )
})

test('the text of a note reaches to its last blank line', () => {
  const signer = noteSigner('a.example/log', key(1))
  const text = 'first\n\nsecond\n\n— a.example/log not a signature\n'
  const note = parseNote(formatNote(text, [signer.sign(text)]))
  assert.equal(note.text, text)
  assert.ok(verifyNote(note, [noteVerifier(signerVkey('a.example/log', key(1)))]).ok)
})

test('a note with any bit flipped does not verify', () => {
  const bytes = bytesOf(NOTE)
  const verifier = noteVerifier(VKEY)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.equal(opens(flipped, [verifier]), false, `bit ${bit}`)
  }
})

test('only the canonical form of a note is read', () => {
  const [head = '', line = ''] = NOTE.split('\n\n')
  const cases: Record<string, string> = {
    'no signature': `${head}\n\n`,
    'no blank line': `${head}\n${line}`,
    'no last line feed': NOTE.slice(0, -1),
    'one line feed too many': `${NOTE}\n`,
    'carriage returns': NOTE.replaceAll('\n', '\r\n'),
    'a tab in the text': `a\t${NOTE}`,
    'a hyphen for the dash': NOTE.replace('—', '-'),
    'two spaces': NOTE.replace('— ', '—  '),
    'a space at the end': NOTE.replace('=\n', '= \n'),
    'base64 without padding': NOTE.replace('=\n', '\n'),
    'base64 with stray bits': NOTE.replace('aQM=', 'aQN='),
    'base64 for URLs': NOTE.replace('/foo Uw', '/foo _w').replace('+', '-'),
    'a name with a plus': NOTE.replace('com/foo', 'com+foo'),
    'a name with a no-break space': NOTE.replace('com/foo', 'com foo'),
    'an empty name': NOTE.replace('example.com/foo', ''),
    'no more than a key id': NOTE.replace(/Uw2QOkn.*\n/, 'Uw2QOg==\n'),
  }
  for (const [name, text] of Object.entries(cases)) assert.throws(() => parseNote(bytesOf(text)), invalid, name)
  assert.throws(() => parseNote(Uint8Array.of(0xff, ...bytesOf(NOTE))), invalid, 'not UTF-8')
  assert.throws(() => parseNote(Uint8Array.of(0xed, 0xa0, 0x80, ...bytesOf(NOTE))), invalid, 'a surrogate')
})

test('a byte order mark is part of the text, not dropped from it', () => {
  const note = parseNote(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytesOf(NOTE)))
  assert.ok(note.text.startsWith('\ufeff'))
  assert.equal(verifyNote(note, [noteVerifier(VKEY)]).ok, false)
})

test('a note is bounded in signatures and bytes', () => {
  const line = NOTE.split('\n\n')[1] ?? ''
  const notes = (count: number): Uint8Array => bytesOf(`x\n\n${line.repeat(count)}`)
  assert.equal(parseNote(notes(LIMITS.noteSignaturesMax)).signatures.length, LIMITS.noteSignaturesMax)
  assert.throws(() => parseNote(notes(LIMITS.noteSignaturesMax + 1)), invalid)
  assert.throws(() => parseNote(new Uint8Array(LIMITS.noteBytesMax + 1).fill(0x0a)), invalid)
})

test('unknown keys are ignored, a known key that fails spoils the note', () => {
  const text = 'hello\n'
  const [a, b] = [noteSigner('a.example', key(1)), noteSigner('b.example', key(2))]
  const [va, vb] = [noteVerifier(signerVkey('a.example', key(1))), noteVerifier(signerVkey('b.example', key(2)))]
  const forged = b.sign('something else\n')
  const note = (...lines: string[]) => parseNote(formatNote(text, lines))
  assert.ok(verifyNote(note(a.sign(text), forged), [va]).ok)
  assert.equal(verifyNote(note(a.sign(text), forged), [va, vb]).ok, false)
  assert.equal(verifyNote(note(a.sign(text), b.sign(text), forged), [va, vb]).ok, false)
  assert.equal(verifyNote(note(b.sign(text)), [va]).ok, false)
  assert.equal(verifyNote(note(a.sign(text)), []).ok, false)
})

test('all of a set of keys can be demanded, and none', () => {
  const text = 'hello\n'
  const verifiers = [1, 2].map((n) => noteVerifier(signerVkey(`k${n}.example`, key(n))))
  const [one = '', two = ''] = [1, 2].map((n) => noteSigner(`k${n}.example`, key(n)).sign(text))
  const ok = (lines: string[], demand: 'none' | 'any' | 'all') =>
    verifyNote(parseNote(formatNote(text, lines)), verifiers, { demand }).ok
  assert.ok(ok([one, two], 'all'))
  assert.equal(ok([one], 'all'), false)
  assert.ok(ok([one], 'any'))
  const stranger = noteSigner('c.example', key(3)).sign(text)
  assert.ok(ok([stranger], 'none'))
  assert.equal(ok([stranger], 'any'), false)
})

test('a key signing twice is one signature', () => {
  const [text, signer] = ['hello\n', noteSigner('a.example', key(1))]
  const note = parseNote(formatNote(text, [signer.sign(text), signer.sign(text)]))
  const verdict = verifyNote(note, [noteVerifier(signerVkey('a.example', key(1)))])
  assert.ok(verdict.ok)
  assert.equal(verdict.verified.length, 1)
})

test('another key under the same name and id does not pass, nor does it hide behind the right one', () => {
  const note = parseNote(bytesOf(NOTE))
  const right = noteVerifier(VKEY)
  const wrong = noteVerifier({ ...parseVkey(VKEY), publicKey: key(9).publicKey })
  assert.equal(verifyNote(note, [wrong]).ok, false)
  assert.equal(verifyNote(note, [right, wrong]).ok, false)
})

test('a note that would read back differently is not made', () => {
  const line = noteSigner('a.example', key(1)).sign('x\n')
  for (const text of ['', 'x', 'x\r\n', 'x\u0000\n']) {
    assert.throws(() => formatNote(text, [line]), invalid, JSON.stringify(text))
  }
  assert.throws(() => formatNote('x\n', []), invalid)
  assert.throws(() => formatNote('x\n', [`${line}\n`]), invalid)
})

test('a verifier key has one spelling, and its id is that of the key', () => {
  const vkey = parseVkey(VKEY)
  assert.equal(formatVkey(vkey), VKEY)
  assert.equal(keyId(vkey.name, vkey.type, vkey.publicKey), 0x530d903a)
  const cases = [
    VKEY.replace('530d903a', '530D903A'),
    VKEY.replace('530d903a', '530d903b'),
    VKEY.replace('example.com/foo', 'example.com/fop'),
    VKEY.replace('example.com/foo', ''),
    VKEY.replace('example.com/foo', 'example com/foo'),
    VKEY.slice(0, -1),
    `${VKEY}\n`,
    VKEY.replace('+A', '+B'),
    VKEY.slice(0, VKEY.lastIndexOf('+') + 1),
    `x+00000000+${'A'.repeat(5000)}`,
  ]
  for (const text of cases) assert.throws(() => noteVerifier(text), invalid, text)
})

test('a key of a type not known here is kept but verifies nothing', () => {
  const text = formatVkey({ name: 'a.example', keyId: 7, type: 0xff, publicKey: Uint8Array.of(1, 2, 3) })
  assert.equal(formatVkey(parseVkey(text)), text)
  assert.throws(() => noteVerifier(text), invalid)
  assert.deepEqual(knownVerifiers([text, VKEY, 'none']), [noteVerifier(VKEY)], 'it stands in no other’s way')
})

test('no bytes make the note parsers throw anything but a fault', () => {
  const pieces = fc.constantFrom('— ', 'a.example ', 'AAAAAAA=', '\n', '\n\n', ' ', 'x', '+', '\ufeff', '\u2028')
  const texts = fc.array(pieces, { maxLength: 30 }).map((list) => bytesOf(list.join('')))
  const cut = fc.tuple(fc.nat(NOTE.length), fc.uint8Array({ maxLength: 4 })).map(([at, noise]) => {
    return Uint8Array.of(...bytesOf(NOTE).subarray(0, at), ...noise, ...bytesOf(NOTE).subarray(at))
  })
  fc.assert(
    fc.property(fc.oneof(texts, cut, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      assertFaultOnly(() => {
        const note = parseNote(bytes)
        assert.deepEqual(
          formatNote(
            note.text,
            note.signatures.map(({ line }) => line),
          ),
          bytes,
        )
      })
      assertFaultOnly(() => noteVerifier(new TextDecoder().decode(bytes)))
    }),
  )
})

function opens(bytes: Uint8Array, verifiers: NoteVerifier[]): boolean {
  try {
    return verifyNote(parseNote(bytes), verifiers).ok
  } catch (error) {
    assert.ok(error instanceof Fault)
    return false
  }
}

function assertFaultOnly(run: () => void): void {
  try {
    run()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
}
