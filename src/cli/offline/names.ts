// Names for people as they are given on the command line: a language in front where there are several.

/** By language tag; a name without one is English. */
export function readNames(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const [, language = 'en', name = text] = /^([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)=(.*)$/s.exec(text) ?? []
      return [language, name]
    }),
  )
}
