// Every command there is. A command's module is loaded when it is asked for, so that starting costs the same
// however many there are.
import type { Command } from './args.ts'

type Entry = { readonly summary: string; readonly load: () => Promise<{ readonly command: Command }> }

export const COMMANDS: Readonly<Record<string, Entry>> = {
  init: { summary: 'Make a data folder: keys, identity, token', load: () => import('./offline/init.ts') },
  serve: { summary: 'Run this member’s node', load: () => import('./serve.ts') },
  status: { summary: 'What waits for a person, how the peers are, what left', load: () => import('./status.ts') },
  import: { summary: 'Import STIX objects from files', load: () => import('./import.ts') },
  export: { summary: 'Write a collection as a STIX bundle', load: () => import('./export.ts') },
  search: {
    summary: 'Search by words, or by an address, a domain, a hash, a CVE id',
    load: () => import('./search.ts'),
  },
  show: { summary: 'Show a record: versions, author, marking, proof, recipients', load: () => import('./show.ts') },
  related: { summary: 'What others say about a record', load: () => import('./related.ts') },
  path: { summary: 'A shortest way between two records', load: () => import('./path.ts') },
  withdraw: { summary: 'Take a record back from everyone who received it', load: () => import('./withdraw.ts') },
  erase: { summary: 'Erase a record, here and by answer at its recipients', load: () => import('./erase.ts') },
  erasures: { summary: 'What was erased, asked, answered and refused', load: () => import('./erasures.ts') },
  collection: { summary: 'Add, change and list collections', load: () => import('./collection.ts') },
  feed: { summary: 'Outside sources that this node reads by itself', load: () => import('./feed.ts') },
  client: { summary: 'Add, list and revoke TAXII clients', load: () => import('./client.ts') },
  user: { summary: 'People who sign in: add, list, set, reset, remove', load: () => import('./user.ts') },
  token: { summary: 'API tokens: add, list, revoke', load: () => import('./token.ts') },
  session: { summary: 'Who is signed in, and ending that', load: () => import('./session.ts') },
  peer: { summary: 'Invite, accept, approve, list, show and remove peers', load: () => import('./peer.ts') },
  who: { summary: 'Who has a record, by which rule, confirmed or silent', load: () => import('./who.ts') },
  deliveries: { summary: 'What went to a peer, and what came from it', load: () => import('./deliveries.ts') },
  policy: { summary: 'Who may have what: show, check, preview, set, explain', load: () => import('./policy.ts') },
  bundle: { summary: 'Write, read and inspect files for peers without a network', load: () => import('./bundle.ts') },
  trust: { summary: 'Who must have witnessed the log', load: () => import('./trust.ts') },
  watch: { summary: 'What this member protects: add, import, list, remove', load: () => import('./watch.ts') },
  warnings: { summary: 'Warnings: list, follow, acknowledge, close', load: () => import('./warnings.ts') },
  log: { summary: 'Verify or export the logs in a data folder', load: () => import('./offline/log.ts') },
  backup: { summary: 'Back up the data folder, also while the node runs', load: () => import('./offline/backup.ts') },
  keys: { summary: 'Export the private keys encrypted, show the public ones', load: () => import('./offline/keys.ts') },
  member: { summary: 'What this member says of itself', load: () => import('./offline/member.ts') },
  leave: { summary: 'Leave for good: end this member’s log', load: () => import('./leave.ts') },
  recover: { summary: 'Keys lost or stolen: go on in a new log', load: () => import('./offline/recover.ts') },
  restore: { summary: 'Make a data folder from a backup', load: () => import('./offline/restore.ts') },
  backups: { summary: 'Backups that the running node makes and checks', load: () => import('./backups.ts') },
  kept: { summary: 'Changes that wait until the log may be signed again', load: () => import('./kept.ts') },
  quarantine: { summary: 'What peers sent that cannot be used, and why', load: () => import('./quarantine.ts') },
  jobs: { summary: 'Work that waits or was given up: list, retry', load: () => import('./jobs.ts') },
  audit: { summary: 'Who did what on this node', load: () => import('./audit.ts') },
  demo: { summary: 'Three members on this machine share, verify and warn', load: () => import('./demo/demo.ts') },
  version: { summary: 'Print the version', load: () => import('./version.ts') },
}

/** What `comity help` prints. */
export function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  return [
    'Comity: a node for cybersecurity cooperation between equals',
    '',
    'comity COMMAND [ARGUMENT …]',
    '',
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'comity help COMMAND explains one. A first look: comity demo. A node of your own: comity init, then comity serve.',
    '',
  ].join('\n')
}
