// What people and programs may be on a node, and what each may do. Plain words, so that a browser reads them too.

/** docs/operating/users.md says the same in sentences. */
export const ROLES = ['viewer', 'contributor', 'analyst', 'auditor', 'administrator'] as const
export type Role = (typeof ROLES)[number]

/** What a route may ask for: to read, to add, to decide for the member, to see who did what, to run the node. */
export const RIGHTS = ['read', 'contribute', 'decide', 'audit', 'administer'] as const
export type Right = (typeof RIGHTS)[number]

export const ROLE_RIGHTS: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['read'],
  contributor: ['read', 'contribute'],
  analyst: ['read', 'contribute', 'decide'],
  auditor: ['read', 'audit'],
  administrator: RIGHTS,
}

/** The parts of a node: each route belongs to one, and a token may be bound to some. */
export const NODE_PARTS = ['sharing', 'warning', 'federation', 'policy', 'audit', 'identity', 'node'] as const
export type NodePart = (typeof NODE_PARTS)[number]
