// Every page of the console in a real browser against real nodes, for everybody who may come: found by roles and labels
// alone, as people who see it and people who hear it find their way.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtWeight, ensureConsole } from '../../scripts/console.ts'
import { describeWeight, isTooHeavy } from '../../scripts/weight.ts'
import { noBrowser, openBrowser } from './browser.ts'
import {
  dialogsWithoutFaults,
  fitsEveryScreen,
  sayWhatFailed,
  withoutFaults,
  type PageUnderTest,
} from './every-page.ts'
import { withFeeds } from './feeds.ts'
import { strangerSeesNothing, walk } from './roles.ts'
import { prepareTakingBack } from './taking-back.ts'
import { addPerson, buildStage } from './stage.ts'

const RECORD = 'indicator--00000000-0000-4000-8000-000000000064'
const FOREIGN = 'indicator--00000000-0000-4000-8000-000000000001'
const HOSTILE = 'indicator--00000000-0000-4000-8000-0000000000c8'

/** Every page, with something that is there once it has loaded. */
const PAGES: readonly PageUnderTest[] = [
  ['/', /things? needs? you/],
  ['/warnings', /Warnings/],
  ['/warnings/1', /QuayLock/],
  ['/federation/peer?member=lakeside.example', /Lakeside Water/],
  ['/watch', /Watch list/],
  ['/knowledge', /Knowledge/],
  ['/knowledge?q=harbour', /Knowledge/],
  [`/records/${RECORD}`, /Harbour loader 1/],
  [`/records/${FOREIGN}`, /QuayLock staging host/],
  [`/records/${HOSTILE}`, /Invoice/],
  ['/timeline?id=malware--00000000-0000-4000-8000-000000000002', /Time line/],
  [`/graph?id=${FOREIGN}`, /Graph/],
  ['/attack', /Attack matrix/],
  ['/write', /Write/],
  ['/write/report', /Write/],
  ['/write/opinion', /Write/],
  ['/write/sighting', /Write/],
  [`/write/change?about=${RECORD}`, /Next version/],
  ['/import', /Import a file/],
  ['/federation', /peers/],
  ['/federation?view=map', /peers/],
  ['/federation/peer?member=isles.example', /CERT Isles/],
  ['/federation/deliveries', /peers/],
  ['/federation/taken-back', /peers/],
  ['/federation/taken-back?by=others', /peers/],
  ['/federation/evidence', /peers/],
  ['/federation/quarantine', /peers/],
  ['/federation/trust', /peers/],
  ['/federation/bundles', /peers/],
  ['/policy', /What leaves this node/],
  ['/policy/matrix', /What leaves this node/],
  [`/policy/why?id=${RECORD}&to=fjord.example`, /What leaves this node/],
  ['/policy/floors', /What leaves this node/],
  ['/policy/history', /What leaves this node/],
  ['/kept', /Until the log is resumed/],
  ['/audit', /Audit/],
  ['/audit/left', /Audit/],
  ['/settings', /Settings/],
  ['/settings/tokens', /Settings/],
  ['/settings/collections', /Settings/],
  ['/settings/clients', /Settings/],
  ['/settings/feeds', /Settings/],
  ['/settings/feeds?new', /Settings/],
  ['/settings/feeds?feed=isles-advisories', /Settings/],
  ['/settings/feeds?feed=bad-domains', /Settings/],
  ['/settings/jobs', /Settings/],
  ['/settings/backups', /Settings/],
  ['/settings/node', /Settings/],
  ['/account', /Your account/],
  ['/help', /Help/],
  ['/nowhere', /Nothing is at this address/],
]

const PEOPLE = [
  ['mara', 'Mara Lindqvist', 'administrator'],
  ['ada', 'Ada Bergström', 'analyst'],
  ['cora', 'Cora Nilsen', 'contributor'],
  ['vera', 'Vera Holm', 'viewer'],
  ['otto', 'Otto Dahl', 'auditor'],
] as const

test('every page of the console', { skip: noBrowser ?? false, timeout: 900_000 }, async (t) => {
  await ensureConsole()
  assert.ok(!isTooHeavy(builtWeight()), describeWeight(builtWeight()).at(-1) ?? '')
  await using stage = await buildStage()
  for (const [name, display, role] of PEOPLE) await addPerson(stage.world, stage.own, { name, display, role })
  await withFeeds(stage)
  const { ids } = await prepareTakingBack(stage)
  await stage.world.api(stage.own, 'POST', '/erasures', { id: ids[0], reason: 'legal' })
  await using browser = await openBrowser(stage.hostRules)
  await t.test('has no fault that axe finds and no complaint, light and dark', () =>
    withoutFaults(browser, stage, PAGES),
  )
  await t.test('asks in dialogs without fault', () => dialogsWithoutFaults(browser, stage))
  await t.test('says what failed, and goes on when it does not any more', () => sayWhatFailed(browser, stage, PAGES))
  for (const [name, , role] of PEOPLE)
    await t.test(`is for the ${role} what it may be: nothing that would be refused`, async () => {
      const tried = await walk(browser, stage, { name, role }, PAGES)
      t.diagnostic(`${role}: ${tried.join(', ')}`)
    })
  await t.test('shows a stranger nothing', () => strangerSeesNothing(browser, stage, PAGES))
  for (const look of [{ pseudo: true }, { pseudo: true, phone: true }, { phone: true }, { language: 'zh-CN' }] as const)
    await t.test(`fits: ${JSON.stringify(look)}`, () => fitsEveryScreen(browser, stage, PAGES, look))
})
