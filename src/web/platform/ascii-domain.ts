// The browser's twin of kernel/ascii-domain.ts: what a URL makes of the same name.

/** The A-labels of a name; empty where it is none. */
export function asciiDomain(name: string): string {
  return URL.parse(`https://${name}/`)?.hostname ?? ''
}
