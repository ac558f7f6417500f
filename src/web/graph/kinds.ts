// How the kinds of records look in the graph: a shape and a colour for each family, so that neither says it alone.

export type Shape = 'circle' | 'square' | 'diamond' | 'up' | 'down' | 'hexagon' | 'pentagon' | 'plus' | 'bar'

/** Families in the order of the legend; each is drawn in the colour `--kind-<name>`. */
export const FAMILIES = [
  { name: 'actor', shape: 'pentagon', types: ['intrusion-set', 'threat-actor', 'campaign', 'incident'] },
  { name: 'malware', shape: 'hexagon', types: ['malware', 'tool', 'malware-analysis'] },
  { name: 'technique', shape: 'square', types: ['attack-pattern', 'x-mitre-tactic', 'x-mitre-data-source'] },
  { name: 'vulnerability', shape: 'down', types: ['vulnerability'] },
  { name: 'indicator', shape: 'diamond', types: ['indicator', 'observed-data'] },
  { name: 'infrastructure', shape: 'up', types: ['infrastructure'] },
  { name: 'statement', shape: 'bar', types: ['report', 'grouping', 'note', 'opinion', 'sighting'] },
  { name: 'defence', shape: 'plus', types: ['course-of-action', 'identity', 'location'] },
  { name: 'other', shape: 'circle', types: [] },
] as const satisfies readonly { readonly name: string; readonly shape: Shape; readonly types: readonly string[] }[]

export type Family = (typeof FAMILIES)[number]['name']
export const OTHER = FAMILIES.length - 1

const FAMILY_OF = new Map<string, number>(
  FAMILIES.flatMap(({ types }, at) => types.map((type): [string, number] => [type, at])),
)

/** The place of a type's family in FAMILIES. */
export const familyOf = (type: string): number => FAMILY_OF.get(type) ?? OTHER

/** Corners on the unit circle, clockwise; a circle has none. */
export const CORNERS: Readonly<Record<Shape, readonly (readonly [x: number, y: number])[]>> = {
  circle: [],
  square: [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  diamond: [
    [0, -1.15],
    [1.15, 0],
    [0, 1.15],
    [-1.15, 0],
  ],
  up: [
    [0, -1.15],
    [1.1, 0.85],
    [-1.1, 0.85],
  ],
  down: [
    [-1.1, -0.85],
    [1.1, -0.85],
    [0, 1.15],
  ],
  hexagon: regular(6, 1.05),
  pentagon: regular(5, 1.15),
  plus: [
    [-0.4, -1.1],
    [0.4, -1.1],
    [0.4, -0.4],
    [1.1, -0.4],
    [1.1, 0.4],
    [0.4, 0.4],
    [0.4, 1.1],
    [-0.4, 1.1],
    [-0.4, 0.4],
    [-1.1, 0.4],
    [-1.1, -0.4],
    [-0.4, -0.4],
  ],
  bar: [
    [-0.75, -1.1],
    [0.75, -1.1],
    [0.75, 1.1],
    [-0.75, 1.1],
  ],
}

function regular(corners: number, radius: number): readonly (readonly [number, number])[] {
  return Array.from({ length: corners }, (_, at) => {
    const turn = (2 * Math.PI * at) / corners - Math.PI / 2
    return [radius * Math.cos(turn), radius * Math.sin(turn)] as const
  })
}
