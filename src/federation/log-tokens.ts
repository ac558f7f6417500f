// Short-lived tokens for reading the log with tools that cannot sign. In memory: a restart ends them. Each member has its
// newest few, whatever others fetch.
import type { Random } from '#kernel/clock.ts'
import { LIMITS } from '#kernel/limits.ts'

type Given = { readonly member: string; readonly token: string; readonly endMs: number }

export class LogTokens {
  readonly #given = new Map<string, Given>()
  /** Of each member, the oldest first. */
  readonly #byMember = new Map<string, readonly Given[]>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  make(random: Random, member: string): string {
    const token = Buffer.from(random(32)).toString('base64url')
    const given = { member, token, endMs: this.#nowMs() + LIMITS.tokenLifeMs }
    const all = [...(this.#byMember.get(member) ?? []), given]
    const kept = all.slice(-LIMITS.tokensPerPeerMax).filter(({ endMs }) => endMs > this.#nowMs())
    for (const { token: gone } of all) if (!kept.some((each) => each.token === gone)) this.#given.delete(gone)
    this.#byMember.set(member, kept)
    this.#given.set(token, given)
    return token
  }

  /** Whom a token was given to, while it is good. */
  holder(token: string): string | undefined {
    const given = this.#given.get(token)
    return given !== undefined && given.endMs > this.#nowMs() ? given.member : undefined
  }
}
