// Techniques for the picture of the matrix: a few of MITRE ATT&CK's, said by a member, and which of them a family uses.
const TIME = '2026-01-14T08:22:00.000Z'

const TECHNIQUES: Readonly<Record<string, readonly (readonly [id: string, name: string, used: boolean])[]>> = {
  'initial-access': [
    ['T1566', 'Phishing', true],
    ['T1190', 'Exploit Public-Facing Application', true],
    ['T1133', 'External Remote Services', false],
    ['T1078', 'Valid Accounts', true],
  ],
  execution: [
    ['T1059', 'Command and Scripting Interpreter', true],
    ['T1204', 'User Execution', true],
    ['T1053', 'Scheduled Task/Job', false],
  ],
  persistence: [
    ['T1547', 'Boot or Logon Autostart Execution', true],
    ['T1136', 'Create Account', false],
    ['T1505', 'Server Software Component', true],
  ],
  'credential-access': [
    ['T1003', 'OS Credential Dumping', true],
    ['T1110', 'Brute Force', true],
    ['T1555', 'Credentials from Password Stores', false],
  ],
  discovery: [
    ['T1046', 'Network Service Discovery', true],
    ['T1087', 'Account Discovery', false],
    ['T1018', 'Remote System Discovery', true],
  ],
  'lateral-movement': [
    ['T1021', 'Remote Services', true],
    ['T1570', 'Lateral Tool Transfer', false],
  ],
  'command-and-control': [
    ['T1071', 'Application Layer Protocol', true],
    ['T1105', 'Ingress Tool Transfer', true],
    ['T1090', 'Proxy', false],
  ],
  exfiltration: [
    ['T1041', 'Exfiltration Over C2 Channel', true],
    ['T1048', 'Exfiltration Over Alternative Protocol', false],
  ],
  impact: [
    ['T1486', 'Data Encrypted for Impact', true],
    ['T1490', 'Inhibit System Recovery', true],
    ['T1489', 'Service Stop', false],
  ],
}

/** The techniques, and the relations that say which of them `user` uses. */
export function techniquesOf(user: string): object[] {
  let n = 0x1000
  const id = (type: string): string => `${type}--00000000-0000-4000-8000-${(n += 1).toString(16).padStart(12, '0')}`
  const common = { spec_version: '2.1', created: TIME, modified: TIME }
  // What was said last stands first where no matrix orders the tactics.
  return Object.entries(TECHNIQUES)
    .toReversed()
    .flatMap(([phase, list]) =>
      list.flatMap(([technique, name, used]) => {
        const pattern = {
          type: 'attack-pattern',
          id: id('attack-pattern'),
          ...common,
          name,
          external_references: [{ source_name: 'mitre-attack', external_id: technique }],
          kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: phase }],
        }
        const uses = { type: 'relationship', id: id('relationship'), ...common, relationship_type: 'uses' }
        return used ? [pattern, { ...uses, source_ref: user, target_ref: pattern.id }] : [pattern]
      }),
    )
}
