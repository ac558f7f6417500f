// What people are told where a node cannot have its address.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import { freePort, listenOn } from './listen.ts'

test('a port that another program has is refused with its place and a way on', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const app = Fastify()
  await assert.rejects(listenOn(app, '127.0.0.1', port), { code: 'conflict', place: `127.0.0.1 port ${port}` })
  other.close()
  await app.close()
})

test('an address that this machine does not have is refused', async () => {
  const app = Fastify()
  await assert.rejects(listenOn(app, '192.0.2.1', await freePort('127.0.0.1')), {
    code: 'input.invalid',
    remedy: /--host/,
  })
  await app.close()
})
