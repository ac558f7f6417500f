// A federation for the console to look at: real nodes in one process, with something of everything in it. The browser
// reaches each under its own name, so that cookies, origins and addresses are what they are for people.
import { hash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { World, type WorldMember } from '#test/world/world.ts'
import { indicator, METERGATE, ownRecords, QUAYLOCK, UPDATE_DOMAIN } from './story.ts'

export const OWN = 'north.example'
export const PASSWORD = 'a sentence that nobody guesses'
const COMMUNITY = 'energy.example'
/** It has accepted an invitation, and nobody has compared the words yet. */
const STRANGER = 'lakeside.example'
const MINUTE_MS = 60_000

const MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [OWN]: { en: 'CERT North', 'zh-Hans': '北方应急中心' },
  'isles.example': { en: 'CERT Isles', 'zh-Hans': '群岛应急中心' },
  'savanna.example': { en: 'CERT Savanna' },
  'civil-aid.example': { en: 'Civil Aid Network' },
  'delta-health.example': { en: 'Delta Health Trust' },
  'rail-east.example': { en: 'Eastern Rail Board' },
  'fjord.example': { en: 'Fjord Telecom' },
  'harbour.example': { en: 'Harbour Energy' },
  'plateau.example': { en: 'Plateau Grid' },
  'lakeside.example': { en: 'Lakeside Water', 'zh-Hans': '湖滨水务' },
  'south-univ.example': { en: 'University of the South', 'zh-Hans': '南方大学' },
}

/** Where they say they are. Two share one, and some say nothing. */
const COUNTRIES: Readonly<Record<string, string>> = {
  [OWN]: 'NO',
  'isles.example': 'MV',
  'savanna.example': 'KE',
  'delta-health.example': 'BD',
  'rail-east.example': 'PL',
  'fjord.example': 'NO',
  'harbour.example': 'SG',
  'plateau.example': 'BO',
  'south-univ.example': 'ZA',
}

export type Stage = AsyncDisposable & {
  readonly world: World
  readonly own: WorldMember
  readonly member: (name: string) => WorldMember
  /** For the browser's launch: every member's name leads to its node on this machine. */
  readonly hostRules: string
  readonly nowMs: () => number
  /** Stops a member's node. Call what comes back to start it again, on the same data at the same place. */
  readonly stop: (name: string) => Promise<() => Promise<void>>
}

export type Shape = { readonly members?: readonly string[]; readonly story?: boolean }

/** Builds the stage: `story` fills it with records, warnings, a silent peer and one that waits. */
export async function buildStage({ members = Object.keys(MEMBERS), story = true }: Shape = {}): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const world = stack.use(new World('console'))
  for (const name of members)
    await world.add(name, {
      names: MEMBERS[name] ?? { en: name },
      country: COUNTRIES[name],
      erasure: name === OWN ? 'ask' : 'honour',
    })
  const member = (name: string): WorldMember => {
    const found = world.members.get(name)
    if (found === undefined) throw new Error(`${name} is not on this stage`)
    return found
  }
  const rules: string[] = []
  for (const { name, app } of world.members.values()) {
    await app.listen({ host: '127.0.0.1', port: 0 })
    rules.push(`MAP ${name} 127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  }
  if (story) await tell(world, member)
  const kept = stack.move()
  return {
    world,
    own: member(OWN),
    member,
    hostRules: rules.join(','),
    nowMs: () => world.clock.nowMs(),
    stop: async (name) => {
      const { port } = member(name).app.server.address() as AddressInfo
      // A member's own node is stopped by the world when it starts the next one; people are cut off here and now.
      member(name).app.server.close()
      member(name).app.server.closeAllConnections()
      return async () => {
        const { app } = await world.move(name, name)
        await app.listen({ host: '127.0.0.1', port })
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Makes somebody who can sign in with PASSWORD. */
export async function addPerson(
  world: World,
  node: WorldMember,
  person: { readonly name: string; readonly display: string; readonly role: string; readonly red?: boolean },
): Promise<void> {
  const { code } = await world.api<{ code: string }>(node, 'POST', '/users', person)
  const answer = await node.app.inject({
    method: 'POST',
    url: '/api/welcome',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ code, password: PASSWORD }),
  })
  if (answer.statusCode !== 200) throw new Error(answer.body)
}

async function tell(world: World, member: (name: string) => WorldMember): Promise<void> {
  const own = member(OWN)
  const others = [...world.members.keys()].filter((name) => name !== OWN && name !== STRANGER)
  for (const name of others) {
    const communities = ['isles.example', 'harbour.example', 'plateau.example'].includes(name) ? [COMMUNITY] : []
    await world.introduce(own, member(name), communities)
  }
  await world.introduce(member('isles.example'), member('harbour.example'))
  await world.introduce(member('isles.example'), member('fjord.example'))
  for (const name of world.members.keys()) {
    await world.api(member(name), 'POST', '/collections', {
      title: 'Advisories',
      alias: 'advisories',
      share: 'peers',
      marking: green(),
    })
    if (name === OWN || name === 'isles.example')
      await world.api(member(name), 'POST', '/collections', {
        title: 'Energy circle',
        alias: 'energy',
        share: 'community',
        marking: amber(),
      })
  }
  await watch(world, own)
  await say(member('isles.example'), 'advisories', QUAYLOCK)
  await say(member('south-univ.example'), 'advisories', UPDATE_DOMAIN)
  await say(member('plateau.example'), 'advisories', METERGATE)
  await say(own, 'advisories', ownRecords())
  await say(own, 'energy', [
    indicator(70, 'Staging relay of the tender wave', "[domain-name:value = 'relay.quay-updates.example']"),
  ])
  await world.quiesce()
  if (world.members.has(STRANGER)) {
    const { invitation } = await world.api<{ invitation: string }>(own, 'POST', '/peers/invitations')
    await world.api(member(STRANGER), 'POST', '/peers/accept', { invitation })
  }
  world.clock.advance(40 * MINUTE_MS)
  await world.quiesce()
}

const green = (): object => ({ tlp: 'GREEN', audience: { named: false, communities: [] }, personal: 'none' })
const amber = (): object => ({ tlp: 'AMBER', audience: { named: false, communities: [COMMUNITY] }, personal: 'none' })

async function watch(world: World, node: WorldMember): Promise<void> {
  for (const [value, asset] of [
    ['203.0.113.0/24', 'Gate controller at Berth 4'],
    ['cdn.updates.example', 'Mail relays'],
    ['CVE-2026-12345', 'Meters, firmware 4.1.2'],
    ['harbour-north.example', 'Tender portal'],
    ['198.51.100.0/26', 'Clinic gateway'],
  ])
    await world.api(node, 'POST', '/watch', { value, asset })
}

/** Sends objects to a node as a person would import a file. */
export async function say(node: WorldMember, collection: string, objects: readonly object[]): Promise<void> {
  const payload = JSON.stringify({ type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects })
  const digest = hash('sha256', payload)
  const answer = await node.app.inject({
    method: 'POST',
    url: `/api/import?collection=${collection}&digest=${digest}`,
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/json' },
    payload,
  })
  if (!answer.body.includes('"kind":"done"') || answer.body.includes('"kind":"refused"')) throw new Error(answer.body)
}
