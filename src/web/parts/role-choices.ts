// The roles to choose from, in the reader's language.
import { ROLES } from '#kernel/role.ts'
import { t } from '../text/language.ts'

export const roleChoices = (): readonly (readonly [string, string])[] => ROLES.map((role) => [role, t(`role.${role}`)])
