// Copying. Browsers lend the clipboard only to pages that came over TLS or from this machine; elsewhere the old way works.

/** False where the browser copied nothing. */
export async function copyText(text: string): Promise<boolean> {
  if (!isSecureContext) return copyTheOldWay(text)
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  )
}

function copyTheOldWay(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'sr'
  const before = document.activeElement
  // Outside a dialog that is open nothing can be selected, and so nothing copied.
  const dialogs = document.querySelectorAll('dialog[open]')
  const place = dialogs[dialogs.length - 1] ?? document.body
  place.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return copied
}
