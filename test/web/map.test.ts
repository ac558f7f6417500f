// The map of members: where it is cut, where a country's point lies, and where members stand that share one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeWorld } from '../../scripts/world.ts'
import { meridianBetween, PLANE, projectEarth } from '#web/map/earth.ts'
import { APART, seatMembers } from '#web/map/seats.ts'
import type { Spot } from '#web/map/world.ts'

const world = makeWorld()
const places = (...countries: string[]): Spot[] => countries.map((each) => world.places[each] as Spot)
const away = (a: number, b: number): number => Math.abs(((((a - b + 180) % 360) + 360) % 360) - 180)

test('the map is cut where members are farthest apart, and through a sea where that gap holds one', () => {
  assert.equal(meridianBetween(places('NO', 'KE', 'SG')), -169 + 180, 'Asia and America are not torn apart')
  assert.equal(meridianBetween(places('FJ', 'CL', 'NZ')), -30 - 180 + 360, 'a community around the Pacific is whole')
  assert.equal(meridianBetween([]), 0)
  assert.equal(meridianBetween(places('KE')), -169 + 180)
})

test('no member is at the edge of the map, wherever members are', () => {
  const codes = Object.keys(world.places)
  for (let first = 0; first < codes.length; first += 7) {
    const chosen = codes.filter((_, at) => at % 7 === first % 7 || at === first).slice(0, 5)
    const cut = meridianBetween(places(...chosen)) + 180
    const nearest = Math.min(...places(...chosen).map(([longitude]) => away(longitude, cut)))
    assert.ok(nearest >= 6, `${chosen.join(' ')} cut at ${cut}`)
  }
})

test('every country has its point on the map, and a code that is none has no place', () => {
  for (const meridian of [0, 150, -120]) {
    const earth = projectEarth(world, meridian)
    for (const code of Object.keys(world.places)) {
      const [x, y] = earth.placeOf(code) ?? [NaN, NaN]
      assert.ok(x >= 0 && x <= PLANE.width && y >= 0 && y <= PLANE.height, `${code} at ${x}, ${y}`)
    }
    assert.equal(earth.placeOf('XX'), undefined)
  }
  assert.ok(Object.keys(world.places).length > 230)
})

test('what a small state says counts as much: states without a coast of their own on a coarse map are there', () => {
  for (const code of ['MV', 'TV', 'NR', 'MT', 'VA', 'SG', 'KI', 'LI', 'GI', 'RE']) assert.ok(world.places[code], code)
})

test('members of one country stand around its point with nobody in the middle', () => {
  const seats = seatMembers([{ x: 100, y: 100, members: ['a', 'b', 'c', 'd', 'e'] }])
  const far = seats.map(({ x, y }) => Math.hypot(x - 100, y - 100))
  assert.ok(Math.max(...far) - Math.min(...far) < 1e-9 && Math.min(...far) > 10)
  assert.ok(seats.every(({ from }) => from?.x === 100 && from.y === 100))
})

test('sixty members in one corner of the map do not lie on each other, and lie the same each time', () => {
  const crowd = Array.from({ length: 40 }, (_, at) => ({
    x: 200 + (at % 8) * 4,
    y: 200 + Math.floor(at / 8) * 4,
    members: at % 2 === 0 ? [`${at}`] : [`${at}`, `${at}b`],
  }))
  const seats = seatMembers(crowd)
  assert.equal(seats.length, 60)
  for (const [at, seat] of seats.entries())
    for (const other of seats.slice(at + 1))
      assert.ok(Math.hypot(seat.x - other.x, seat.y - other.y) >= APART - 1e-6, `${seat.member} on ${other.member}`)
  assert.deepEqual(seatMembers(crowd), seats)
})
