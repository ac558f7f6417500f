// International domain names as DNS has them (UTS #46). A browser has a twin of this file
// (`src/web/platform/ascii-domain.ts`).
import { domainToASCII } from 'node:url'

/** The A-labels of a name; empty where it is none. */
export function asciiDomain(name: string): string {
  return domainToASCII(name)
}
