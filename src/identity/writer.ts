// What the writer's thread runs of identity.
import type { AnyCommand } from '#kernel/store/types.ts'
import { addUser, removeUser, resetUser, setPasswordHash, setUser } from './account-commands.ts'
import { arriveByOidc } from './oidc-command.ts'
import {
  addPasskey,
  confirmTotp,
  proposeTotp,
  removePasskey,
  removeTotp,
  renewCodes,
  setDisplay,
  setPassword,
  spendPasskey,
  spendRecoveryCode,
  spendTotp,
} from './own-commands.ts'
import { forgetSearch, saveSearch } from './saved-search.ts'
import { beginSession, endSession, touchSession } from './session.ts'
import { addToken, revokeToken, touchToken } from './token.ts'
import { offerFirst, useWelcome } from './welcome.ts'

export { identityMigrations } from './migrations.ts'

export const identityCommands = [
  addUser,
  setUser,
  resetUser,
  removeUser,
  setPasswordHash,
  beginSession,
  touchSession,
  endSession,
  offerFirst,
  useWelcome,
  setDisplay,
  setPassword,
  proposeTotp,
  confirmTotp,
  removeTotp,
  renewCodes,
  addPasskey,
  removePasskey,
  spendTotp,
  spendRecoveryCode,
  spendPasskey,
  arriveByOidc,
  saveSearch,
  forgetSearch,
  addToken,
  revokeToken,
  touchToken,
] as unknown as AnyCommand[]
