declare module '*.css'
declare module 'virtual:world' {
  import type { World } from '#web/map/world.ts'
  export const world: World
}
