// Lists on the command line: what each may be asked for, and how the next page is had.
import { stringOption, type CliContext, type OptionsSpec } from './args.ts'

export const PAGE_OPTIONS: OptionsSpec = {
  limit: { type: 'string', placeholder: 'N', description: 'With a list: how many at most (default 50).' },
  cursor: { type: 'string', placeholder: 'C', description: 'With a list: continue where the last page ended.' },
}

/** The options of a list that is searched; `where` says in what the words are looked for. */
export const listOptions = (where: string): OptionsSpec => ({
  q: { type: 'string', placeholder: 'WORDS', description: `With a list: only what has this in ${where}.` },
  ...PAGE_OPTIONS,
})

/** What is told of an empty page behind which there is more. */
export const NOTHING_SO_FAR = 'nothing in what was looked at so far'

export type Page<T> = { readonly items: readonly T[]; readonly next?: string }

/** Asks for one page as the options say, and what else is asked. */
export async function getPage<P extends Page<unknown>>(
  context: Pick<CliContext, 'node' | 'values'>,
  path: string,
  asked: Readonly<Record<string, string | undefined>> = {},
): Promise<P> {
  const client = await context.node()
  const [q, limit, cursor] = ['q', 'limit', 'cursor'].map((name) => stringOption(context, name))
  return client.get<P>(path, { ...asked, q, limit, cursor })
}

type Told<T> = {
  readonly head: readonly string[]
  readonly row: (item: T) => readonly string[]
  /** What is said where there is nothing, and nothing was asked for. */
  readonly empty: string
}

/** Prints a page, and how the next one is had. */
export function tellPage<T>(
  { out, values }: Pick<CliContext, 'out' | 'values'>,
  page: Page<T>,
  { head, row, empty }: Told<T>,
): number {
  out.data(page)
  if (page.items.length > 0)
    out.table(
      [...head],
      page.items.map((each) => [...row(each)]),
    )
  else if (page.next !== undefined) out.line(NOTHING_SO_FAR)
  else out.line(values['q'] === undefined ? empty : 'nothing has these words')
  if (page.next !== undefined) out.line(`more: --cursor ${page.next}`)
  return 0
}
