import type { TrustView } from '#federation/witness/wire.ts'
import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'
import { noVerb, requirePositional, type CliContext, type Command } from './args.ts'
import type { Output } from './output.ts'
import { readNamedText } from './file.ts'

type Sums = { readonly witnesses: number; readonly n: number; readonly needed: number }

export const command: Command = {
  name: 'trust',
  summary: 'Who must have witnessed this member’s log before it counts as witnessed (tlog-policy format).',
  usage: ['trust show', 'trust check FILE', 'trust set FILE', 'trust reset'],
  options: {},
  examples: ['comity trust show', 'comity trust set witnesses.policy'],
  run: async (context) => {
    const [verb = 'show'] = context.positionals
    const client = await context.node()
    if (verb === 'show') return show(context.out, await client.get<TrustView>('/trust'))
    if (verb === 'reset') return show(context.out, await client.delete<TrustView>('/trust'))
    if (verb === 'set')
      return show(context.out, await inFile(context, client.put<TrustView>('/trust', { text: readPolicy(context) })))
    if (verb !== 'check') throw noVerb('trust', verb)
    const text = readPolicy(context)
    const answer = await inFile(context, client.post<Sums>('/trust/check', { text }))
    context.out.data(answer)
    context.out.line(`this policy holds together: ${answer.needed} of ${answer.n} are enough, ${answer.witnesses} keys`)
    return 0
  },
}

function readPolicy(context: CliContext): string {
  const name = requirePositional(context, 1, 'the file with the policy')
  const bytesMax = LIMITS.trustPolicyCharsMax
  return readNamedText({ cwd: context.cwd, name, what: 'the file with the policy', bytesMax })
}

/** The node knows the line that is wrong, and here it is known of which file. */
async function inFile<T>({ positionals }: CliContext, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Fault) || error.place === undefined) throw error
    const { code, message, place, remedy } = error
    const options = { place: `${positionals[1]}, ${place}`, ...(remedy === undefined ? {} : { remedy }), cause: error }
    throw new Fault(code, message, options)
  }
}

function show(out: Output, trust: TrustView): number {
  out.data(trust)
  out.line(`The log has ${trust.size} statements. ${describe(trust)}`)
  if (trust.by.length > 0) out.line(`  by ${trust.by.join(', ')}`)
  for (const { url, reason } of trust.silent) out.line(`  not by ${url}: ${reason}`)
  out.line()
  out.line(trust.own ? 'The policy you set:' : 'The policy that follows from the approved peers:')
  out.line()
  out.line(trust.text.trimEnd())
  return 0
}

function describe({ k, n, needed, enough, own }: TrustView): string {
  if (n === 0) return own ? 'Nobody has to have witnessed it.' : 'There are no witnesses yet: approve a peer.'
  const few = n < 4 ? ' Below four witnesses there is nothing to spare.' : ''
  return `The last is witnessed ${k} of ${n}; ${needed} are ${enough ? 'enough' : 'needed'}.${few}`
}
