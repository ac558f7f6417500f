// Where members stand on the map: at their country's point, those of one country in a circle around it with nobody in the
// middle, and countries that would lie on each other moved apart. The same members always get the same seats.

export type Place<M> = { readonly x: number; readonly y: number; readonly members: readonly M[] }
export type Seat<M> = {
  readonly member: M
  readonly x: number
  readonly y: number
  /** The country's own point, where the seat is away from it. */
  readonly from?: { readonly x: number; readonly y: number }
}
type Disc = { readonly x: number; readonly y: number; readonly radius: number }

/** Pixels from one seat to the next: as much as a finger needs. */
export const APART = 26
const RINGS_MAX = 24

/** `places` on the screen, in the order in which they choose. */
export function seatMembers<M>(places: readonly Place<M>[]): Seat<M>[] {
  const taken: Disc[] = []
  return places.flatMap(({ x, y, members }) => {
    const radius = members.length === 1 ? 0 : Math.max(APART / 2, (APART * members.length) / (2 * Math.PI))
    const disc = freeDisc(taken, { x, y, radius })
    taken.push(disc)
    return members.map((member, at): Seat<M> => {
      const angle = (2 * Math.PI * at) / members.length - Math.PI / 2
      const seat = { x: disc.x + disc.radius * Math.cos(angle), y: disc.y + disc.radius * Math.sin(angle) }
      const away = Math.hypot(seat.x - x, seat.y - y) > 1
      return { member, ...seat, ...(away ? { from: { x, y } } : {}) }
    })
  })
}

/** The nearest room for a disc: where it wants to be, or on rings around that. */
function freeDisc(taken: readonly Disc[], wanted: Disc): Disc {
  const isFree = ({ x, y, radius }: Disc): boolean =>
    taken.every((other) => Math.hypot(other.x - x, other.y - y) >= other.radius + radius + APART)
  for (let ring = 0; ring < RINGS_MAX; ring += 1) {
    const steps = Math.max(1, ring * 8)
    for (let step = 0; step < steps; step += 1) {
      const angle = (2 * Math.PI * step) / steps - Math.PI / 2
      const away = (ring * APART) / 2
      const disc = { ...wanted, x: wanted.x + away * Math.cos(angle), y: wanted.y + away * Math.sin(angle) }
      if (isFree(disc)) return disc
    }
  }
  return wanted
}
