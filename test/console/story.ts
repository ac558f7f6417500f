// What the members of the stage say: invented, and enough of it that every page has something to show.

const TIME = '2026-01-14T08:22:00.000Z'

const idOf = (type: string, n: number): string => `${type}--00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

type Fields = Readonly<Record<string, unknown>>

function object(type: string, n: number, fields: Fields, modified = TIME): Fields {
  return { type, spec_version: '2.1', id: idOf(type, n), created: TIME, modified, ...fields }
}

export function indicator(n: number, name: string, pattern: string, more: Fields = {}, modified = TIME): Fields {
  return object(
    'indicator',
    n,
    { name, pattern, pattern_type: 'stix', indicator_types: ['malicious-activity'], valid_from: TIME, ...more },
    modified,
  )
}

export function relation(n: number, from: Fields, relationship: string, to: Fields): Fields {
  return object('relationship', n, { relationship_type: relationship, source_ref: from['id'], target_ref: to['id'] })
}

const stagingHost = (modified: string, more: Fields): Fields =>
  indicator(
    1,
    'QuayLock staging host 203.0.113.47',
    "[ipv4-addr:value = '203.0.113.47' AND network-traffic:dst_port = 443]",
    {
      description:
        'Hosts that open connections to this address fetch the second stage of **QuayLock**. Seen since 12 January against harbour and grid gate controllers.\n\nBlock at the edge, keep flow logs, tell us of any contact. See [the night report](https://isles.example/reports/7).',
      indicator_types: ['malicious-activity', 'compromised'],
      ...more,
    },
    modified,
  )

const quaylock = object('malware', 2, {
  name: 'QuayLock',
  is_family: true,
  malware_types: ['ransomware'],
  description:
    'Encrypts gate and berth controllers. Its second stage is fetched from staging hosts that change every few days.',
})
const slackTide = object('campaign', 3, {
  name: 'Slack Tide',
  first_seen: '2026-01-02T00:00:00Z',
  description: 'Against ports of the northern coast.',
})
const relay = object('infrastructure', 4, { name: 'Relays in 198.51.100.0/26', infrastructure_types: ['staging'] })
const metergate = object('vulnerability', 5, {
  name: 'CVE-2026-12345',
  external_references: [{ source_name: 'cve', external_id: 'CVE-2026-12345' }],
  description: 'Firmware of meters up to 4.1.2 accepts unsigned images from the local network.',
})
const actor = object('intrusion-set', 6, { name: 'No one named yet' })
const valve = object('attack-pattern', 7, {
  name: 'Modify Controller Tasking',
  external_references: [{ source_name: 'mitre-attack', external_id: 'T0821' }],
  kill_chain_phases: [{ kill_chain_name: 'mitre-ics-attack', phase_name: 'execution' }],
})

const first = stagingHost('2026-01-13T08:22:00.000Z', { confidence: 60, valid_until: '2026-01-28T00:00:00Z' })
const second = stagingHost('2026-01-14T17:10:00.000Z', { confidence: 70, valid_until: '2026-01-28T00:00:00Z' })
const third = stagingHost('2026-01-15T07:39:00.000Z', { confidence: 85, valid_until: '2026-02-05T00:00:00Z' })
const report = object('report', 8, {
  name: 'Night report 7',
  published: TIME,
  description: 'What was seen on the northern coast in the second week of January.',
  object_refs: [third['id'], quaylock['id'], slackTide['id']],
})

export const QUAYLOCK: readonly Fields[] = [
  { ...first, modified: '2026-01-14T08:22:00.000Z' },
  second,
  third,
  quaylock,
  slackTide,
  relay,
  actor,
  valve,
  report,
  relation(20, third, 'indicates', quaylock),
  relation(21, slackTide, 'uses', quaylock),
  relation(22, quaylock, 'communicates-with', relay),
  relation(23, slackTide, 'attributed-to', actor),
  relation(24, quaylock, 'uses', valve),
  relation(25, quaylock, 'exploits', metergate),
  indicator(30, 'Password spraying source', "[ipv4-addr:value = '198.51.100.12']", { confidence: 55 }),
]

export const UPDATE_DOMAIN: readonly Fields[] = [
  indicator(40, 'Update domain that serves a loader', "[domain-name:value = 'cdn.updates.example']", {
    description: 'Mail relays that resolve this name are served a loader instead of an update.',
  }),
  object('note', 41, {
    content: 'Same certificate as the host of 3 October. We think one group rents both.',
    object_refs: [idOf('indicator', 1)],
  }),
]

export const METERGATE: readonly Fields[] = [metergate]

const WORDS = ['loader', 'beacon', 'panel', 'dropper', 'relay', 'sinkhole', 'phishing page', 'exfiltration host']

/** This member's own advisories, and names that try to harm whoever reads them. */
export function ownRecords(): readonly Fields[] {
  const many = Array.from({ length: 60 }, (_, n) =>
    indicator(
      100 + n,
      `Harbour ${WORDS[n % WORDS.length]} ${n + 1}`,
      `[domain-name:value = 'h${n}.quay-updates.example']`,
    ),
  )
  return [
    ...many,
    indicator(200, 'Invoice\u202Efdp.exe <script>alert(1)</script>', "[file:name = 'Invoice.exe']"),
    indicator(201, `${'Very '.repeat(2000)}long`, "[file:name = 'long.exe']"),
    indicator(202, '=HYPERLINK("http://192.0.2.7/","open")', "[url:value = 'http://192.0.2.7/']"),
  ]
}
