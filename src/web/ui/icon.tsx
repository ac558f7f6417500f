// Icons: 16 units square, one stroke, in the colour of the words beside them. They never stand without a label.
import type { ReactNode } from 'react'

const PATHS = {
  home: 'M2.5 7.2 8 2.8l5.5 4.4M4 6.3v6.9h8V6.3',
  warnings: 'M8 2.6 14 13H2zM8 6.4v3.1M8 11.3v.1',
  knowledge: 'M2.5 4.8 8 2.4l5.5 2.4L8 7.2zM2.5 8 8 10.4 13.5 8M2.5 11.2 8 13.6l5.5-2.4',
  policy: 'M3.5 2.5h6l3 3v8h-9zM9.3 2.7v3h3M5.8 9.2l1.5 1.5 2.9-3',
  audit: 'M2.8 4h.1M2.8 8h.1M2.8 12h.1M5.5 4h8M5.5 8h8M5.5 12h5',
  help: 'M13.7 8A5.7 5.7 0 1 1 2.3 8a5.7 5.7 0 0 1 11.4 0M6.4 6.4c.2-1 .9-1.4 1.7-1.4.9 0 1.6.6 1.6 1.4 0 1.2-1.7 1.2-1.7 2.4M8 11v.1',
  federation:
    'M9.5 2.6a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0m4.68 2.7a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0m0 5.4a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0M9.5 13.4a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0m-4.68-2.7a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0m0-5.4a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0',
  settings:
    'M2.5 4.5h6.2M12 4.5h1.5M2.5 11.5h1.8M7.6 11.5h5.9M12 4.5a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0M7.6 11.5a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0',
  search: 'M11.2 7a4.2 4.2 0 1 1-8.4 0 4.2 4.2 0 0 1 8.4 0m-.9 3.3 3.2 3.2',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  copy: 'M5.5 5.5h8v8h-8zM3.2 10.5h-.7v-8h8v.7',
  print: 'M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.3h7v4.2h-7z',
  download: 'M8 2.5v7.2M4.8 6.8 8 10l3.2-3.2M2.8 13.2h10.4',
  upload: 'M8 9.7V2.5M4.8 5.4 8 2.2l3.2 3.2M2.8 13.2h10.4',
  plus: 'M8 3v10M3 8h10',
  down: 'm4.5 6.3 3.5 3.5 3.5-3.5',
  info: 'M13.7 8A5.7 5.7 0 1 1 2.3 8a5.7 5.7 0 0 1 11.4 0M8 7.4v3.4M8 5.2v.1',
  file: 'M3.5 2.5h6l3 3v8h-9zM9.3 2.7v3h3',
  lock: 'M4 7.2h8v6H4zM5.7 7V5.2a2.3 2.3 0 0 1 4.6 0V7',
  check: 'm3.5 8.4 3 3 6-6.6',
  cross: 'm4 4 8 8M12 4l-8 8',
  dash: 'M4.5 8h7',
  back: 'M9.7 3.5 5.2 8l4.5 4.5',
  person: 'M10.6 5.2a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0M3 13.4c.5-2.6 2.4-3.9 5-3.9s4.500 1.300 5 3.900',
  clock: 'M13.7 8A5.7 5.7 0 1 1 2.3 8a5.7 5.7 0 0 1 11.4 0M8 4.8V8l2.200 1.600',
} as const

export type IconName = keyof typeof PATHS | 'theme' | 'rings'

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {name === 'theme' ? (
        <>
          <circle cx="8" cy="8" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M8 2.3a5.7 5.7 0 0 1 0 11.4z" fill="currentColor" />
        </>
      ) : name === 'rings' ? (
        <g fill="none" stroke="currentColor" strokeWidth="1.5">
          <circle cx="6" cy="8" r="3.2" />
          <circle cx="10" cy="8" r="3.2" />
        </g>
      ) : (
        <path
          d={PATHS[name]}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  )
}

const SEATS = [
  [11, 3],
  [17.25, 6.01],
  [18.8, 12.78],
  [14.47, 18.21],
  [7.53, 18.21],
  [3.2, 12.78],
  [4.75, 6.01],
] as const

/** Seven equals on a circle, nobody in the middle. */
export function Mark(): ReactNode {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" fill="currentColor" aria-hidden="true">
      {SEATS.map(([x, y]) => (
        <circle key={x} cx={x} cy={y} r="2.1" />
      ))}
    </svg>
  )
}
