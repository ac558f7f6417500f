// A TAXII server for tests without a port: requests are put into it.
import { hash } from 'node:crypto'
import type { Marking } from '#kernel/marking.ts'
import { addCollection } from '#sharing/collection.ts'
import { addClient } from '#sharing/taxii-server/client-commands.ts'
import { TAXII_MEDIA_TYPE } from '#sharing/taxii-server/negotiate.ts'
import { openTestStore, testClock } from './store.ts'
import { taxiiApp } from './taxii.ts'

const green: Marking = { tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' }

/** A server with one collection, shared with peers, one that nobody is shown, a client that writes and one that reads. */
export async function serveTaxii() {
  const clock = testClock()
  const store = openTestStore({ clock })
  const app = await taxiiApp(store, clock)
  const uuid = await store.write(addCollection, {
    actor: 'test',
    change: { title: 'Main', alias: 'main', marking: green, share: 'peers' },
  })
  const hidden = await store.write(addCollection, { actor: 'test', change: { title: 'Hidden', alias: 'hidden' } })
  const client = async (name: string, actsFor: string, read: boolean, write: boolean) => {
    await store.write(addClient, {
      actor: 'test',
      name,
      actsFor,
      secretHash: hash('sha256', `${name}-secret`, 'buffer'),
      grants: [{ collection: 'main', read, write }],
    })
    return `Basic ${Buffer.from(`${name}:${name}-secret`).toString('base64')}`
  }
  const writer = await client('writer', 'self', true, true)
  const reader = await client('reader', 'self', true, false)
  const get = async (
    path: string,
    authorization: string | undefined = reader,
    headers: Record<string, string> = {},
  ) => {
    const response = await app.inject({
      method: 'GET',
      url: path,
      headers: { ...(authorization === '' ? {} : { authorization }), ...headers },
    })
    return { status: response.statusCode, headers: response.headers, body: JSON.parse(response.body) }
  }
  const base = `/taxii2/api/collections/${uuid}/`
  const post = async (objects: unknown[], authorization = writer, contentType = TAXII_MEDIA_TYPE) => {
    const response = await app.inject({
      method: 'POST',
      url: `${base}objects/`,
      headers: { authorization, 'content-type': contentType },
      payload: JSON.stringify({ objects }),
    })
    return { status: response.statusCode, body: JSON.parse(response.body) }
  }
  return {
    app,
    store,
    clock,
    uuid,
    hidden,
    base,
    get,
    post,
    writer,
    reader,
    client,
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await store[Symbol.asyncDispose]()
    },
  }
}

export const uuidOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const indicator = (n: number, modified = '2026-01-10T00:00:00.000Z', extra: object = {}) => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${uuidOf(n)}`,
  created: '2026-01-10T00:00:00.000Z',
  modified,
  pattern: `[ipv4-addr:value = '203.0.113.${n % 250}']`,
  pattern_type: 'stix',
  valid_from: '2026-01-10T00:00:00Z',
  ...extra,
})
