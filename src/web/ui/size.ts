// How large an element is on the screen, followed as it changes.
import { useEffect, useState, type RefObject } from 'react'
import type { Size } from './room.ts'

export function useSize(frame: RefObject<HTMLElement | null>, first: Size): Size {
  const [size, setSize] = useState(first)
  useEffect(() => {
    if (frame.current === null) return undefined
    const watcher = new ResizeObserver(([entry]) => {
      const { width = first.width, height = first.height } = entry?.contentRect ?? {}
      setSize({ width: Math.floor(width), height: Math.floor(height) })
    })
    watcher.observe(frame.current)
    return () => watcher.disconnect()
  }, [frame, first.width, first.height])
  return size
}
