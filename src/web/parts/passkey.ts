// WebAuthn in the browser's own words: the node's options go in as JSON, the browser's answer goes back as JSON.
import { ApiFault } from '../api.ts'

type Json = Record<string, unknown>

export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
}

export async function askPasskey(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never)
  return answerOf(await navigator.credentials.get({ publicKey }).catch(refused))
}

export async function makePasskey(options: Json): Promise<Json> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never)
  return answerOf(await navigator.credentials.create({ publicKey }).catch(refused))
}

function answerOf(credential: Credential | null): Json {
  if (credential instanceof PublicKeyCredential) return { ...credential.toJSON() }
  throw new ApiFault('passkey.none', 'no passkey was given')
}

function refused(error: unknown): never {
  throw new ApiFault('passkey.none', error instanceof Error ? error.message : 'no passkey was given')
}
