// A text with line numbers and colours that can be written in. The text field is the browser's own (its caret, its undo,
// its input methods, its voice for people who hear the page) and is transparent; the same words lie below it in colours.
// Tab leaves it, as it leaves every field.
import { useMemo, useRef, type ReactNode, type Ref } from 'react'
import { piecesOf } from './colours.ts'

export type Mark = 'error' | 'warning' | 'came'

export function CodeEditor({
  label,
  text,
  marks,
  readOnly = false,
  describedBy,
  onChange,
  field,
}: {
  readonly label: string
  readonly text: string
  /** What there is to say about a line, by its number from 1. */
  readonly marks: ReadonlyMap<number, Mark>
  readonly readOnly?: boolean
  readonly describedBy?: string
  readonly onChange?: (text: string) => void
  readonly field?: Ref<HTMLTextAreaElement>
}): ReactNode {
  const lines = useMemo(() => text.split('\n'), [text])
  const wrong = [...marks.values()].includes('error')
  return (
    <div className="code" dir="ltr">
      <div className="code-numbers" aria-hidden="true">
        {lines.map((_, at) => (
          <span key={at} className={markClass('code-number', marks.get(at + 1))}>
            {at + 1}
          </span>
        ))}
      </div>
      <div className="code-body">
        <pre className="code-colours" aria-hidden="true">
          {lines.map((line, at) => (
            <CodeLine key={at} line={line} mark={marks.get(at + 1)} />
          ))}
        </pre>
        <textarea
          ref={field}
          className="code-field"
          aria-label={label}
          aria-describedby={describedBy}
          aria-invalid={wrong || undefined}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          readOnly={readOnly}
          value={text}
          onChange={(event) => onChange?.(event.target.value)}
        />
      </div>
    </div>
  )
}

/** A text in the same colours, for reading. */
export function CodeText({ label, children }: { readonly label: string; readonly children: string }): ReactNode {
  return (
    <pre className="codebox code-text" dir="ltr" role="region" aria-label={label} tabIndex={0}>
      {children.split('\n').map((line, at) => (
        <CodeLine key={at} line={line} />
      ))}
    </pre>
  )
}

export function CodeLine({ line, mark }: { readonly line: string; readonly mark?: Mark | undefined }): ReactNode {
  return (
    <span className={markClass('code-line', mark)}>
      {piecesOf(line).map(({ kind, text }, at) =>
        kind === 'plain' ? (
          text
        ) : (
          <span key={at} className={`code-${kind}`}>
            {text}
          </span>
        ),
      )}
    </span>
  )
}

const markClass = (name: string, mark: Mark | undefined): string =>
  mark === undefined ? name : `${name} ${name}--${mark}`

/** Puts the caret at a line, counted from 1, and shows it. */
export function useCaret(): {
  readonly field: Ref<HTMLTextAreaElement>
  readonly toLine: (line: number) => void
} {
  const field = useRef<HTMLTextAreaElement>(null)
  const toLine = (line: number): void => {
    const area = field.current
    if (area === null) return
    const start = area.value
      .split('\n')
      .slice(0, line - 1)
      .reduce((sum, each) => sum + each.length + 1, 0)
    area.focus()
    area.setSelectionRange(start, start)
    const lines = area.value.split('\n').length
    const box = area.getBoundingClientRect()
    scrollTo({ top: scrollY + box.top + (box.height * (line - 1)) / lines - innerHeight / 3 })
  }
  return { field, toLine }
}
