// The colours of the drawing, as the theme has them now. A canvas takes only colours that are worked out, so an element
// works them out.
import { FAMILIES } from './kinds.ts'

export type Palette = {
  readonly families: readonly string[]
  readonly line: string
  readonly accent: string
  readonly text: string
  readonly quiet: string
  readonly ground: string
  readonly font: string
}

export function paletteOf(element: HTMLElement): Palette {
  const colour = (name: string): string => {
    element.style.color = `var(${name})`
    const worked = getComputedStyle(element).color
    element.style.color = ''
    return worked
  }
  return {
    families: FAMILIES.map(({ name }) => colour(`--kind-${name}`)),
    line: colour('--line-control'),
    accent: colour('--accent'),
    text: colour('--text'),
    quiet: colour('--text-3'),
    ground: colour('--surface'),
    font: getComputedStyle(element).fontFamily,
  }
}

/** Calls whenever light becomes dark or the other way round. */
export function whenThemeChanges(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const chosen = new MutationObserver(listener)
  system.addEventListener('change', listener)
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => {
    system.removeEventListener('change', listener)
    chosen.disconnect()
  }
}
