// The rules in force, as they stand in the store: every version a member ever set, the newest of them deciding.
import type { Reader, Tx } from '../store/types.ts'
import { NO_NAMES, type Names, type RuleInfo } from './read-rules.ts'
import { REASONS, rulesId } from './system.ts'
import type { RuleFile } from './types.ts'

export type Rules = {
  /** A hash of every text that decides, the program's own included. */
  readonly id: string
  /** Rises with every change; 0 before there was one. */
  readonly version: number
  readonly files: readonly RuleFile[]
  /** This member's own rules; the program's are the same for everybody. */
  readonly own: readonly RuleInfo[]
  /** Members that some rule speaks of by name. */
  readonly members: ReadonlySet<string>
  /** Communities that some rule speaks of by name; undefined where that is not known, and any might be. */
  readonly communities: ReadonlySet<string> | undefined
  /** The sentence of each rule. */
  readonly reasons: ReadonlyMap<string, string>
}

export type VersionRow = {
  readonly version: number
  readonly timeMs: number
  readonly actor: string
  readonly files: string
  readonly rules: string
  readonly members: string
  readonly communities: string | null
  readonly reason: string
}

const VERSION_SQL = 'SELECT version, digest FROM policy_version ORDER BY version DESC LIMIT 1'
export const VERSION_COLUMNS = 'version, time_ms AS timeMs, actor, files, rules, members, communities, reason'
const FILES_SQL = `SELECT ${VERSION_COLUMNS} FROM policy_version WHERE version = ?`

/** The program's rules alone. */
export const NO_OWN_RULES: Rules = toRules(0, [], [], NO_NAMES)

/** Reads the rules in force, and parses their row only where it is another than before. */
export class RuleBook {
  #digest = ''
  #rules = NO_OWN_RULES

  read(tx: Pick<Tx, 'get'>): Rules {
    const newest = tx.get<{ version: number; digest: string }>(VERSION_SQL)
    if (newest === undefined) return NO_OWN_RULES
    if (this.#isHeld(newest)) return this.#rules
    return this.#hold(newest, tx.get<VersionRow>(FILES_SQL, newest.version))
  }

  async load(reader: Reader): Promise<Rules> {
    const newest = await reader.get<{ version: number; digest: string }>(VERSION_SQL)
    if (newest === undefined) return NO_OWN_RULES
    if (this.#isHeld(newest)) return this.#rules
    return this.#hold(newest, await reader.get<VersionRow>(FILES_SQL, newest.version))
  }

  /** A version may be undone with its transaction and its number given again, so the text itself says which it is. */
  #isHeld({ version, digest }: { version: number; digest: string }): boolean {
    return digest === this.#digest && version === this.#rules.version
  }

  #hold(newest: { version: number; digest: string }, row: VersionRow | undefined): Rules {
    if (row === undefined) return NO_OWN_RULES
    this.#rules = fromRow(row)
    this.#digest = newest.digest
    return this.#rules
  }
}

export function fromRow({ version, files, rules, members, communities }: VersionRow): Rules {
  return toRules(version, JSON.parse(files) as RuleFile[], JSON.parse(rules) as RuleInfo[], {
    members: JSON.parse(members) as string[],
    ...(communities === null ? {} : { communities: JSON.parse(communities) as string[] }),
  })
}

export function toRules(
  version: number,
  files: readonly RuleFile[],
  own: readonly RuleInfo[],
  names: Pick<Names, 'members'> & Partial<Names>,
): Rules {
  const reasons = new Map(REASONS)
  for (const { id, reason, effect } of own)
    reasons.set(id, reason ?? `this member’s rule “${id}” ${effect === 'permit' ? 'permits' : 'forbids'} it`)
  return { id: rulesId(files), version, files, own, ...toSets(names), reasons }
}

function toSets({
  members,
  communities,
}: Pick<Names, 'members'> & Partial<Names>): Pick<Rules, 'members' | 'communities'> {
  return { members: new Set(members), communities: communities === undefined ? undefined : new Set(communities) }
}
