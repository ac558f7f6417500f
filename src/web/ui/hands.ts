// Hands on a drawing that is larger than its frame: dragged by a pointer, made larger by a wheel or two fingers. What lies
// in it stays clickable; keys are the drawing's own.
import { useEffect, useRef, type RefObject } from 'react'

type Spot = readonly [x: number, y: number]

export type Hands = {
  /** By pixels. */
  readonly pan: (dx: number, dy: number) => void
  /** By a factor, around a spot in pixels of the frame. */
  readonly zoom: (by: number, around: Spot) => void
  /** Whether a turn of the wheel is for the drawing; else the page scrolls. */
  readonly takesWheel: (event: WheelEvent) => boolean
}

/** A pointer that moved less than this has clicked. */
const CLICK_MOVE_MAX = 4
const WHEEL_PX = 400

export function useHands(frame: RefObject<HTMLElement | null>, hands: Hands): void {
  const latest = useRef(hands)
  latest.current = hands
  useEffect(() => {
    const element = frame.current
    return element === null ? undefined : listen(element, () => latest.current)
  }, [frame])
}

function listen(element: HTMLElement, hands: () => Hands): () => void {
  const down = new Map<number, Spot>()
  const ended = new AbortController()
  let moved = 0
  const spotOf = (event: MouseEvent): Spot => {
    const { left, top } = element.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }
  const on = <K extends keyof HTMLElementEventMap>(
    name: K,
    listener: (event: HTMLElementEventMap[K]) => void,
    passive = true,
  ): void => element.addEventListener(name, listener, { signal: ended.signal, passive })

  on('pointerdown', (event) => {
    if (down.size === 0) moved = 0
    down.set(event.pointerId, spotOf(event))
  })
  on('pointermove', (event) => {
    const before = down.get(event.pointerId)
    if (before === undefined) return
    const now = spotOf(event)
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]]
    moved += Math.hypot(dx, dy)
    if (moved <= CLICK_MOVE_MAX) return
    // Held only now: a pointer that is held from the start clicks the frame instead of what lies under it.
    element.setPointerCapture(event.pointerId)
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1]
    down.set(event.pointerId, now)
    if (other === undefined) return hands().pan(dx, dy)
    const apart = (spot: Spot): number => Math.max(1, Math.hypot(spot[0] - other[0], spot[1] - other[1]))
    hands().zoom(apart(now) / apart(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2])
    hands().pan(dx / 2, dy / 2)
  })
  const letGo = (event: PointerEvent): void => void down.delete(event.pointerId)
  on('pointerup', letGo)
  on('pointercancel', letGo)
  on('pointerleave', (event) => {
    if (event.buttons === 0) letGo(event)
  })
  on('dragstart', (event) => event.preventDefault(), false)
  on(
    'wheel',
    (event) => {
      if (!hands().takesWheel(event)) return
      event.preventDefault()
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (sideways) hands().pan(-event.deltaX, 0)
      else hands().zoom(Math.exp(-event.deltaY / WHEEL_PX), spotOf(event))
    },
    false,
  )
  return () => ended.abort()
}
