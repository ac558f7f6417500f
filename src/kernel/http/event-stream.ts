// Server-sent events (WHATWG HTML, section 9.2): one answer that goes on. Each stream is bounded, says now and then that it
// is alive, ends when who listens is no longer let in, and does not keep a node from stopping.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import type { Caller } from './access.ts'

export type EventStream = {
  /** Sends one event as text; drops the listener where it does not keep up. */
  readonly send: (event: { readonly id?: string; readonly name?: string; readonly data: unknown }) => void
  /** Whether the listener is still let in; ends the stream where it is not. Ask before what may not be for everybody. */
  readonly listens: () => Promise<boolean>
}

/** Begins to feed a stream. What it returns is disposed of when the stream ends. */
export type Feed = (stream: EventStream) => Disposable

/** Answers with streams on the routes of one app. */
export function eventStreams(
  app: FastifyInstance,
  clock: Clock,
): (request: FastifyRequest, reply: FastifyReply, feed: Feed) => FastifyReply {
  const open = new Map<Readable, string>()
  app.addHook('preClose', async () => {
    for (const stream of open.keys()) {
      ending.add(stream)
      stream.push(null)
    }
  })
  return (request, reply, feed) => {
    const { caller } = request
    const mine = [...open.values()].filter((actor) => actor === caller.actor).length
    if (mine >= LIMITS.listenersPerCallerMax || open.size >= LIMITS.listenersMax)
      throw new Fault('rate.limited', `${mine} of your pages listen already`, { remedy: 'Close one of them.' })
    const stream = makeStream(caller, clock, feed)
    open.set(stream, caller.actor)
    stream.once('close', () => open.delete(stream))
    reply.raw.once('close', () => stream.destroy())
    return reply.type('text/event-stream').header('cache-control', 'no-store').send(stream)
  }
}

/** Streams that were told to end: nothing is sent after that. */
const ending = new WeakSet<Readable>()

function makeStream(caller: Caller, clock: Clock, feed: Feed): Readable {
  let timer: Disposable | undefined
  let feeding: Disposable | undefined
  const stream = new Readable({
    read: () => {},
    destroy: (error, done) => {
      timer?.[Symbol.dispose]()
      feeding?.[Symbol.dispose]()
      done(error)
    },
  })
  const push = (text: string): void => {
    if (stream.destroyed || ending.has(stream)) return
    if (stream.readableLength <= LIMITS.eventsBytesMax) stream.push(text)
    else stream.destroy(new Fault('rate.limited', 'this listener does not keep up', { remedy: 'Listen again.' }))
  }
  const listens = async (): Promise<boolean> => {
    if (stream.destroyed) return false
    if (caller.still === undefined || (await caller.still())) return true
    stream.destroy()
    return false
  }
  const wait = (): void => {
    timer = clock.after(LIMITS.eventsQuietMs, () => {
      listens().then(
        (listening) => {
          if (!listening) return
          push(': still here\n\n')
          wait()
        },
        () => stream.destroy(),
      )
    })
  }
  push(': listening\n\n')
  wait()
  feeding = feed({
    send: ({ id, name, data }) =>
      push(
        `${id === undefined ? '' : `id: ${id}\n`}${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`,
      ),
    listens,
  })
  return stream
}
