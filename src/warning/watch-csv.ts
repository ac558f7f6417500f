import { Fault } from '#kernel/fault.ts'
import { LIMITS } from '#kernel/limits.ts'

import { readCsv, type CsvRow } from '#kernel/csv-read.ts'
import { parseWatch, type Watch } from './watch.ts'

/** One line of an import: something to watch, whose it is, and a note. */
export type WatchRow = {
  readonly watch: Watch
  /** The name of what is protected. */
  readonly asset: string
  readonly note: string
  readonly line: number
}

const COLUMNS = ['value', 'kind', 'asset', 'note'] as const
type Column = (typeof COLUMNS)[number]

const CSV_LIMITS = { fieldCharsMax: LIMITS.urlCharsMax, fieldsMax: 50 }

/**
 * Reads a watch list: CSV with a header that names `value` and `asset`, and `kind` and `note` where wanted, in any
 * order; other columns are passed over. Yields rows and, for each line that cannot be taken, a Fault whose place is
 * the line; the rest goes on. A header that does not fit is a Fault and the end.
 */
export function* readWatchList(text: string): Generator<WatchRow | Fault> {
  let columns: ReadonlyMap<Column, number> | undefined
  let rows = 0
  for (const row of readCsv(text.startsWith('\ufeff') ? text.slice(1) : text, CSV_LIMITS)) {
    if ('problem' in row) {
      yield new Fault('input.malformed', row.problem, { place: `line ${row.line}` })
      if (columns === undefined) return
      continue
    }
    if (columns === undefined) {
      const header = readHeader(row)
      if (header instanceof Fault) return yield header
      columns = header
      continue
    }
    if (++rows > LIMITS.watchValuesMax) {
      return yield new Fault('input.too-large', `more than ${LIMITS.watchValuesMax} lines`, {
        place: `line ${row.line}`,
      })
    }
    yield readRow(row, columns)
  }
  if (columns === undefined)
    yield new Fault('input.malformed', 'there is no header', { remedy: HEADER_REMEDY, place: 'line 1' })
}

const HEADER_REMEDY = 'Begin with the line "value,kind,asset,note" (kind and note may be left out).'

function readHeader({ fields, line }: CsvRow): ReadonlyMap<Column, number> | Fault {
  const names = fields.map((field) => field.trim().toLowerCase())
  const place = `line ${line}`
  const twice = COLUMNS.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (twice !== undefined)
    return new Fault('input.malformed', `the header names ${twice} twice`, { remedy: HEADER_REMEDY, place })
  const missing = (['value', 'asset'] as const).find((name) => !names.includes(name))
  if (missing !== undefined)
    return new Fault('input.malformed', `the header does not name ${missing}`, { remedy: HEADER_REMEDY, place })
  return new Map(COLUMNS.flatMap((name) => (names.includes(name) ? [[name, names.indexOf(name)] as const] : [])))
}

function readRow({ fields, line }: CsvRow, columns: ReadonlyMap<Column, number>): WatchRow | Fault {
  const field = (name: Column): string => fields[columns.get(name) ?? -1]?.trim() ?? ''
  const place = `line ${line}`
  const asset = parseAsset(field('asset'))
  const watch = parseWatch(field('value'), field('kind').toLowerCase())
  const fault = watch instanceof Fault ? watch : asset instanceof Fault ? asset : undefined
  if (fault !== undefined)
    return new Fault(fault.code, fault.message, {
      ...(fault.remedy === undefined ? {} : { remedy: fault.remedy }),
      place,
    })
  const note = field('note')
  if (note.length > LIMITS.watchNoteCharsMax)
    return new Fault('input.invalid', `the note is longer than ${LIMITS.watchNoteCharsMax} characters`, { place })
  return { watch: watch as Watch, asset: asset as string, note, line }
}

/** The name of what is protected: one line of text. */
export function parseAsset(text: string): string | Fault {
  const name = text.trim()
  if (name === '')
    return new Fault('input.invalid', 'the asset has no name', {
      remedy: 'Say what is protected, for example "mail gateway".',
    })
  if (name.length > LIMITS.assetCharsMax)
    return new Fault('input.invalid', `the name of the asset is longer than ${LIMITS.assetCharsMax} characters`, {
      remedy: 'Shorten it.',
    })
  if (/\p{Cc}/u.test(name))
    return new Fault('input.invalid', 'the name of the asset holds control characters', {
      remedy: 'Write it on one line.',
    })
  return name
}
