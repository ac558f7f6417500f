// What must hold in a society once everybody has heard everything: who may have something has it, what was taken back is
// found by nobody, two histories are known and proven, and nobody honest is accused.
import assert from 'node:assert/strict'
import { judgeEvidence, parseEvidence } from '#kernel/evidence.ts'
import type { EvidenceView } from '#federation/witness/wire.ts'
import { canariesIn } from './history.ts'
import type { Said } from './may.ts'
import type { Society } from './society.ts'

/** Pairs of something said and a member: how many were looked at, and how many were due and there, by which way. */
export type Ending = {
  pairs: number
  given: number
  passedOn: number
  /** Of all peers, those that know each other still. */
  readonly peers: string
  /** Items that were narrowed before they were asked for, and statements that came by another than their author. */
  readonly narrowed: number
  readonly cameByOthers: number
  readonly forks: number
}

type PeerView = { readonly member: string; readonly state: string; readonly stopped?: string }
type Pair = readonly [string, string]

/** What a member has: what it shows, all it keeps, and who brought what, where its author did not. */
type Hold = {
  readonly shown: ReadonlySet<string>
  readonly kept: ReadonlySet<string>
  readonly via: ReadonlyMap<string, string>
}

/** How long neighbours may take to find out: longer than they wait between two comparisons. */
const GOSSIP_MS = 61_000

/** Where one thing does not hold others may not either, and a long life is not soon lived again. */
const BROKEN_SHOWN = 20

export class Reckoning {
  readonly #society: Society
  readonly #broken: string[] = []

  constructor(society: Society) {
    this.#society = society
  }

  async all(): Promise<Ending> {
    const { honest, names, forked } = this.#society
    await this.#nobodyHonestIsAccused()
    for (const name of forked) await this.#allNeighboursKnow(name)
    const holds = new Map<string, Hold>()
    for (const name of honest) holds.set(name, await this.#holdOf(name))
    const met = names.flatMap((a) => names.filter((b) => a < b && this.#society.arePeers(a, b)).map((b) => [a, b]))
    const apart = met.filter(([a = '', b = '']) => this.#society.isEstranged(a, b))
    const counts = await this.#nothingIsMissing(holds)
    assert.deepEqual(this.#broken.slice(0, BROKEN_SHOWN), [])
    return {
      ...counts,
      peers: `${met.length - apart.length} of ${met.length}`,
      narrowed: await this.#count('SELECT count(*) AS n FROM delivery_index WHERE narrowed = 1'),
      cameByOthers: await this.#count('SELECT count(*) AS n FROM via'),
      forks: forked.size,
    }
  }

  /** Two neighbours who were shown different histories of a log have proof of it soon after they compare. */
  async findsOut(name: string, [a, b]: Pair): Promise<void> {
    const { world } = this.#society
    for (const each of [a, b]) await this.pull(each, name)
    await world.pass(GOSSIP_MS)
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const)
      await this.pull(from, to)
    for (const each of [a, b])
      assert.ok(
        await this.#hasProof(each, name),
        `${each} does not know that ${name} showed ${a} and ${b} two histories`,
      )
  }

  /** Pairs of honest peers of a member who know of each other that they follow its log. */
  async neighboursWatching(name: string): Promise<Pair[]> {
    const { honest } = this.#society
    const pairs: Pair[] = []
    for (const a of honest) for (const b of honest) if (a < b && (await this.#compare(a, b, name))) pairs.push([a, b])
    return pairs
  }

  async peersAt(name: string): Promise<PeerView[]> {
    const member = this.#society.member(name)
    return (await this.#society.world.api<{ items: PeerView[] }>(member, 'GET', '/peers')).items
  }

  /** Whether something stands between them that people have to look at first. */
  async #takesNothing(from: string, name: string): Promise<boolean> {
    return (await this.peersAt(from)).some(({ member, stopped }) => member === name && stopped !== undefined)
  }

  async #compare(a: string, b: string, name: string): Promise<boolean> {
    const near = (x: string, y: string): boolean => this.#society.arePeers(x, y) && !this.#society.isEstranged(x, y)
    if (!near(a, b) || !near(a, name) || !near(b, name)) return false
    if ((await this.#takesNothing(a, name)) || (await this.#takesNothing(b, name))) return false
    const knows = (holder: string, other: string): Promise<object | undefined> =>
      this.#society
        .member(holder)
        .store.get('SELECT 1 FROM follower WHERE origin = ? AND member = ?', this.#originOf(name), other)
    return (await knows(a, b)) !== undefined && (await knows(b, a)) !== undefined
  }

  #originOf(name: string): string {
    return this.#society.member(name).identity.origin
  }

  async pull(from: string, to: string): Promise<void> {
    await this.#society.world.silence()
    await this.#society
      .member(from)
      .federation.pullPeer(to)
      .catch(() => {})
    await this.#society.world.pass(3000)
  }

  async #hasProof(holder: string, name: string): Promise<boolean> {
    return (await this.#proofsAt(holder)).has(this.#originOf(name))
  }

  /** The origins of which a member holds evidence; each is verified as a stranger would. */
  async #proofsAt(name: string): Promise<Set<string>> {
    const member = this.#society.member(name)
    const { items } = await this.#society.world.api<{ items: EvidenceView[] }>(member, 'GET', '/evidence')
    const verdicts = items.map(({ file }) => judgeEvidence(parseEvidence(Buffer.from(file))))
    return new Set(
      verdicts.map((verdict) => {
        assert.ok(verdict.ok, `${name} holds evidence that proves nothing`)
        return verdict.origin
      }),
    )
  }

  #claim(holds: boolean | undefined, broken: string): void {
    if (holds !== true) this.#broken.push(broken)
  }

  async #nobodyHonestIsAccused(): Promise<void> {
    const { forked, honest } = this.#society
    for (const name of honest) {
      for (const origin of await this.#proofsAt(name))
        this.#claim(forked.has(origin.replace(/\/log.*$/, '')), `${name} accuses ${origin}, which is honest`)
      for (const { member, stopped } of await this.peersAt(name))
        if (!this.#society.isEstranged(name, member))
          this.#claim(stopped === undefined || forked.has(member), `${name} stopped with ${member}: ${stopped}`)
    }
  }

  /** Somebody can prove it still; and what one member can prove, every peer of it that knows the same log can prove. */
  async #allNeighboursKnow(name: string): Promise<void> {
    const { honest } = this.#society
    const proven = new Map<string, boolean>()
    for (const each of honest) proven.set(each, await this.#hasProof(each, name))
    this.#claim([...proven.values()].includes(true), `nobody can prove that ${name} showed two histories`)
    const near = honest.filter((each) => this.#society.arePeers(each, name) && !this.#society.isEstranged(each, name))
    for (const a of near)
      for (const b of near)
        if (proven.get(a) === true && this.#society.arePeers(a, b) && !this.#society.isEstranged(a, b))
          this.#claim(proven.get(b), `${b} was not told by ${a} that ${name} showed two histories`)
  }

  /** Whoever may have something has it, and what was taken back is found by nobody. */
  async #nothingIsMissing(
    holds: ReadonlyMap<string, Hold>,
  ): Promise<{ pairs: number; given: number; passedOn: number }> {
    const { model, said: all, uncertain } = this.#society
    const counts = { pairs: 0, given: 0, passedOn: 0 }
    for (const [name, { shown, kept }] of holds)
      for (const said of all.values()) {
        const { canary, owner } = said
        if ((owner === name && !said.erased) || uncertain.has(canary)) continue
        counts.pairs += 1
        if (this.#society.isEstranged(name, owner)) continue
        const story = this.#storyOf(name, said, holds)
        if (this.#hears(name, said, holds)) {
          if (said.withdrawn) this.#claim(!shown.has(canary), `${name} still shows what was withdrawn: ${story}`)
          if (said.erased) this.#claim(!kept.has(canary), `${name} still has what was erased: ${story}`)
        }
        if (said.withdrawn || owner === name) continue
        const bringers = this.#bringers(name, said, holds)
        const way = model.mayDirectly(said, name) ? 'given' : bringers.length > 0 ? 'passedOn' : undefined
        if (way === undefined) continue
        const isThere = shown.has(canary)
        if (!isThere && way === 'passedOn' && !(await this.#canProve(bringers, name, said))) continue
        counts[way] += 1
        this.#claim(isThere, `${name} lacks what is ${way} to it: ${story}`)
      }
    return counts
  }

  /** Who has it and passes it on to a member, where that knew its author before anything was said. */
  #bringers(name: string, said: Said, holds: ReadonlyMap<string, Hold>): string[] {
    const { model, acquaintedFirst, honest } = this.#society
    if (!acquaintedFirst.has(`${said.owner} ${name}`)) return []
    return honest.filter(
      (from) =>
        from !== said.owner &&
        model.mayPassOn(said, from, name) &&
        holds.get(from)?.shown.has(said.canary) === true &&
        !this.#society.isEstranged(from, name),
    )
  }

  /**
   * Whether one of them can prove it. Of a log that ended only its last head is believed, and what the mirror contains: who
   * saw neither all of it nor less than the other saw has no proof that counts.
   */
  async #canProve(bringers: readonly string[], name: string, { canary }: Said): Promise<boolean> {
    for (const from of bringers) {
      const shown = await this.#society.member(from).store.get<{ origin: string; size: number }>(
        `SELECT l.origin, l.size FROM (SELECT seq, bytes FROM item UNION ALL SELECT seq, bytes FROM item_context) i
         JOIN statement s ON s.seq = (SELECT max(seq) FROM statement WHERE seq <= i.seq) JOIN log l ON l.id = s.log
         WHERE instr(CAST(i.bytes AS TEXT), ?) > 0`,
        canary,
      )
      if (shown === undefined) continue
      const known = await this.#society
        .member(name)
        .store.get<{ mirrored: number; ended: number | null }>(
          `SELECT l.size AS mirrored, e.size AS ended FROM log l LEFT JOIN log_end e ON e.log = l.id WHERE l.origin = ?`,
          shown.origin,
        )
      const ended = known?.ended ?? null
      if (ended === null || shown.size === ended || shown.size <= (known?.mirrored ?? 0)) return true
    }
    return false
  }

  /** Whether all who stand between a member and the author of what it has still know whom they gave it. */
  #hears(name: string, said: Said, holds: ReadonlyMap<string, Hold>): boolean {
    const via = holds.get(name)?.via.get(said.canary)
    if (via === undefined) return !this.#society.isEstranged(name, said.owner)
    if (this.#society.isEstranged(name, via) || this.#society.restored.has(via) || !holds.has(via)) return false
    return this.#hears(via, said, holds)
  }

  #storyOf(name: string, said: Said, holds: ReadonlyMap<string, Hold>): string {
    const { owner, tlp, collection, canary, of } = said
    const lost = [name, owner].filter((each) => this.#society.restored.has(each))
    const via = holds.get(name)?.via.get(canary) ?? 'its author'
    const what = of === undefined ? '' : ', a context'
    return `${canary}${what}, ${tlp}, of ${owner}, shared ${collection.share}, by ${via}; restored: ${lost.join(' and ') || 'neither'}`
  }

  async #holdOf(name: string): Promise<Hold> {
    const read = async (sql: string): Promise<Set<string>> => {
      const rows = await this.#society.member(name).store.all<{ bytes: Uint8Array }>(sql)
      return canariesIn(Buffer.concat(rows.map(({ bytes }) => bytes)).toString('latin1'))
    }
    const shown = (table: string): string =>
      `SELECT i.bytes FROM record r JOIN ${table} i ON i.seq = r.seq WHERE r.withdrawn IS NULL`
    return {
      shown: await read(`${shown('item')} UNION ALL ${shown('item_context')}`),
      kept: await read('SELECT bytes FROM item UNION ALL SELECT bytes FROM item_context'),
      via: await this.#viaOf(name),
    }
  }

  async #viaOf(name: string): Promise<Map<string, string>> {
    const rows = await this.#society.member(name).store.all<{ bytes: Uint8Array; via: string }>(
      `SELECT i.bytes, m.name AS via FROM via v JOIN member m ON m.id = v.peer JOIN statement s ON s.seq = v.statement
       JOIN (SELECT seq, bytes FROM item UNION ALL SELECT seq, bytes FROM item_context) i
         ON i.seq >= s.seq AND i.seq < s.seq + s.count WHERE v.direct_ms IS NULL`,
    )
    return new Map(
      rows.flatMap(({ bytes, via }) =>
        [...canariesIn(Buffer.from(bytes).toString('latin1'))].map((each) => [each, via]),
      ),
    )
  }

  async #count(sql: string): Promise<number> {
    let sum = 0
    for (const name of this.#society.honest)
      sum += (await this.#society.member(name).store.get<{ n: number }>(sql))?.n ?? 0
    return sum
  }
}
