// TAXII 2.1 over HTTP. Registered at the root; every answer, errors and unknown paths included, is TAXII's own form.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Fault } from '#kernel/fault.ts'
import { toFault } from '#kernel/http/server.ts'
import { authenticate, ClientRefused, visibleCollection, type Access } from './access.ts'
import { API_ROOT, type Register, type TaxiiDeps } from './context.ts'
import { acceptsTaxii, STIX_20_MEDIA_TYPE, STIX_MEDIA_TYPE, TAXII_MEDIA_TYPE } from './negotiate.ts'
import { readRoutes } from './read-routes.ts'
import { ClientRefusals } from './refusals.ts'
import { sendError, sendJson } from './reply.ts'
import { writeRoutes } from './write-routes.ts'

export function taxiiRoutes(deps: TaxiiDeps): (app: FastifyInstance) => Promise<void> {
  const refusals = new ClientRefusals(deps.store, deps.now)
  return async (app) => {
    await app.register(async (taxii) => {
      taxii.removeAllContentTypeParsers()
      taxii.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: deps.maxContentLength }, (_request, body, done) =>
        done(null, body),
      )
      taxii.setErrorHandler(async (error, request, reply) => {
        if (error instanceof ClientRefused) await refusals.note(error)
        const fault = explainSize(toFault(error), deps)
        if (fault.status >= 500) request.log.error({ err: error, requestId: request.id }, 'request failed')
        return sendError(reply, fault, String(request.id))
      })
      const callers = new WeakMap<FastifyRequest, Access>()
      const methods = new Map<string, Set<string>>()
      const register: Register = (method, path, handle, admit) => {
        for (const url of [path, path.slice(0, -1)]) {
          const known = methods.get(url) ?? new Set()
          methods.set(url, known.add(method))
          taxii.route({
            method,
            url,
            schema: { hide: true },
            exposeHeadRoute: false,
            // Before the body: a stranger’s megabytes are not read.
            onRequest: async (request) => {
              const access = await authenticate(deps.store, request.headers.authorization)
              callers.set(request, access)
              if (!acceptsTaxii(request.headers.accept))
                throw new Fault('not-acceptable', `this server answers ${TAXII_MEDIA_TYPE} only`, {
                  remedy: `Send Accept: ${TAXII_MEDIA_TYPE}`,
                })
              admit?.({ request, access, params: request.params as Record<string, string> })
            },
            handler: async (request, reply) => {
              const access = callers.get(request) as Access
              return handle({ request, reply, access, params: request.params as Record<string, string> })
            },
          })
        }
      }
      discoveryRoutes(register, deps)
      readRoutes(register, deps)
      writeRoutes(register, deps)
      for (const [url, known] of methods)
        taxii.route({
          method: (['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const).filter(
            (method) => !known.has(method),
          ),
          url,
          schema: { hide: true },
          exposeHeadRoute: false,
          onRequest: async (_request, reply) => {
            reply.header('allow', [...known].join(', '))
            throw new Fault('method.not-allowed', `only ${[...known].join(' and ')} can be done here`)
          },
          handler: async (_request, reply) => reply,
        })
      taxii.all('/taxii2/*', { schema: { hide: true } }, async () => {
        throw new Fault('not-found', 'nothing is here')
      })
    })
  }
}

function explainSize(fault: Fault, { maxContentLength }: TaxiiDeps): Fault {
  if (fault.code !== 'input.too-large') return fault
  return new Fault('input.too-large', `an envelope has at most ${maxContentLength} bytes`, {
    remedy: 'Send it in several.',
  })
}

function discoveryRoutes(register: Register, deps: TaxiiDeps): void {
  const apiRoot = `${deps.publicUrl}${API_ROOT}`
  register('GET', '/taxii2/', ({ reply }) =>
    sendJson(reply, {
      title: deps.title,
      description: 'What this member shares over TAXII.',
      default: apiRoot,
      api_roots: [apiRoot],
    }),
  )
  register('GET', API_ROOT, ({ reply }) =>
    sendJson(reply, { title: deps.title, versions: [TAXII_MEDIA_TYPE], max_content_length: deps.maxContentLength }),
  )
  register('GET', `${API_ROOT}collections/`, ({ reply, access }) => {
    const collections = access.collections.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1)).map(describe)
    return sendJson(reply, collections.length === 0 ? {} : { collections })
  })
  register('GET', `${API_ROOT}collections/:collection/`, ({ reply, access, params }) => {
    return sendJson(reply, describe(visibleCollection(access, params['collection'] ?? '')))
  })
}

function describe(collection: Access['collections'][number]): object {
  return {
    id: collection.uuid,
    title: collection.title,
    ...(collection.description === '' ? {} : { description: collection.description }),
    ...(collection.alias === null ? {} : { alias: collection.alias }),
    can_read: collection.canRead,
    can_write: collection.canWrite,
    media_types: collection.strictness === 'lenient' ? [STIX_MEDIA_TYPE, STIX_20_MEDIA_TYPE] : [STIX_MEDIA_TYPE],
  }
}
