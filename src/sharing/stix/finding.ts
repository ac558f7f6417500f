// What a check has to say about an object. Findings are answers, not failures: the same finding is an error under one
// strictness and forgiven under another.

/** One thing that is not as STIX 2.1 has it. */
export type Finding = {
  /** What kind of thing, stable across releases. */
  readonly code: string
  /** Where, as a JSON pointer (RFC 6901) into the object. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly remedy?: string
  /** The section of STIX 2.1 that says so. */
  readonly clause: string
}

/** Findings that say more than this are cut: a hostile object must not buy a report larger than itself. */
export const FINDINGS_MAX = 100

/** Collects the findings about one object: what breaks a MUST, what breaks a SHOULD, and what is not known here. */
export class Report {
  readonly must: Finding[] = []
  readonly should: Finding[] = []
  readonly unknown: Finding[] = []

  /** A violation of a MUST or MUST NOT. */
  breaks(finding: Finding): void {
    if (this.must.length < FINDINGS_MAX) this.must.push(finding)
  }

  /** A violation of a SHOULD or SHOULD NOT. */
  advises(finding: Finding): void {
    if (this.should.length < FINDINGS_MAX) this.should.push(finding)
  }

  /** Something that is kept without being understood. */
  ignores(finding: Finding): void {
    if (this.unknown.length < FINDINGS_MAX) this.unknown.push(finding)
  }
}

/** A name as a step of a JSON pointer. */
export function step(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name
}
