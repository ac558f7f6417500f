// The last column of a table: what can be done with its row.
import type { ReactNode } from 'react'
import { t } from '../text/language.ts'
import type { Column } from '../ui/table.tsx'

export const verbsColumn = <T,>(cell: (row: T) => ReactNode): Column<T> => ({
  key: 'do',
  verbs: true,
  number: true,
  head: <span className="sr">{t('people.change')}</span>,
  cell,
})
