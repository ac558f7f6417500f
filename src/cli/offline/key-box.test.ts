// What is not a key file of this program, or was changed on its way, opens to nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { closeKeyBox, KEY_FILES, openKeyBox, type KeyBox } from './key-box.ts'

const PASSPHRASE = 'six random words are the better choice'
const BOX: KeyBox = {
  format: 1,
  member: 'a.example',
  origin: 'a.example/log',
  time: '2026-01-01T00:00:00.000Z',
  files: Object.fromEntries(KEY_FILES.map((name) => [name, `{"role":"${name}"}\n`])),
}

async function encrypted(content: string): Promise<string> {
  const encrypter = new Encrypter()
  encrypter.setPassphrase(PASSPHRASE)
  encrypter.setScryptWorkFactor(10)
  return armor.encode(await encrypter.encrypt(content))
}

test('what was closed opens again, and only under its passphrase', async () => {
  const text = await closeKeyBox(BOX, PASSPHRASE)
  assert.deepEqual(await openKeyBox(text, PASSPHRASE), BOX)
  await assert.rejects(openKeyBox(text, `${PASSPHRASE}!`), { code: 'input.invalid', message: /does not open/ })
})

test('a file cut anywhere, or with any byte changed, does not open', async () => {
  const text = await encrypted(JSON.stringify(BOX))
  const bytes = armor.decode(text)
  for (let at = 0; at < bytes.length; at += 7) {
    await assert.rejects(
      openKeyBox(armor.encode(bytes.subarray(0, at)), PASSPHRASE),
      { code: 'input.invalid' },
      `${at}`,
    )
    const changed = Uint8Array.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    await assert.rejects(openKeyBox(armor.encode(changed), PASSPHRASE), { code: 'input.invalid' }, `${at}`)
  }
  for (const foreign of ['', 'hello', '{}', text.slice(0, 80)])
    await assert.rejects(openKeyBox(foreign, PASSPHRASE), {
      code: 'input.invalid',
      message: /not a (file of|whole age)/,
    })
})

test('a file that asks for more memory than 256 MiB is refused before the work is done', async () => {
  const [first, second, ...rest] = Buffer.from(armor.decode(await encrypted('{}')))
    .toString('latin1')
    .split('\n')
  const harder = [first, second?.replace(/ 10$/, ' 19'), ...rest].join('\n')
  assert.notEqual(harder, [first, second, ...rest].join('\n'))
  await assert.rejects(openKeyBox(armor.encode(Buffer.from(harder, 'latin1')), PASSPHRASE), {
    code: 'input.invalid',
    message: /2\^18 is the most/,
  })
})

test('an age file of something else is refused, and no name in it leads out of the folder', async () => {
  const encrypter = new Encrypter()
  encrypter.addRecipient(await identityToRecipient(await generateIdentity()))
  const toSomebody = armor.encode(await encrypter.encrypt(JSON.stringify(BOX)))
  await assert.rejects(openKeyBox(toSomebody, PASSPHRASE), { message: /does not open/ })
  const { 'log.json': _, ...without } = BOX.files
  for (const content of [
    'not JSON',
    '{}',
    JSON.stringify({ ...BOX, format: 2 }),
    JSON.stringify({ ...BOX, files: without }),
    JSON.stringify({ ...BOX, files: { ...BOX.files, '../comity.json': '{}' } }),
  ])
    await assert.rejects(
      encrypted(content).then((text) => openKeyBox(text, PASSPHRASE)),
      { name: 'Fault' },
      content,
    )
})
