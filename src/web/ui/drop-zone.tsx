// A place where files are dropped, or chosen by whoever does not drag.
import { useId, useState, type DragEvent, type ReactNode } from 'react'
import { Icon } from './icon.tsx'

export function DropZone({
  label,
  hint,
  accept,
  onFiles,
}: {
  readonly label: string
  readonly hint: ReactNode
  readonly accept?: string
  readonly onFiles: (files: readonly File[]) => void
}): ReactNode {
  const id = useId()
  const [over, setOver] = useState(false)
  const on = (isOver: boolean, files?: FileList) => (event: DragEvent) => {
    event.preventDefault()
    setOver(isOver)
    if (files !== undefined) onFiles([...files])
  }
  return (
    <div
      className={over ? 'drop drop--over' : 'drop'}
      onDragOver={on(true)}
      onDragLeave={on(false)}
      onDrop={(event) => on(false, event.dataTransfer.files)(event)}
    >
      <Icon name="upload" size={24} />
      <label className="strong" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        type="file"
        multiple
        accept={accept}
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])])
          target.value = ''
        }}
      />
      <span className="small dim">{hint}</span>
    </div>
  )
}
