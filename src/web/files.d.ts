declare module '*.css'
declare module '*?url' {
  const address: string
  export default address
}
declare module 'virtual:world' {
  import type { World } from '#web/map/world.ts'
  export const world: World
}
