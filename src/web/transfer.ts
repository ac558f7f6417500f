// Files to and from the node, as long as they take: with how far they have come, and a way to stop.
import { ApiFault, readProblem, writeHeaders } from './api.ts'

export type Progress = { readonly sent: number; readonly total: number }

/** Sends a file as a stream of bytes. Answers with the text of the answer. */
export function uploadFile(
  path: string,
  file: Blob,
  {
    onProgress,
    onAnswer,
    signal,
  }: {
    readonly onProgress?: (progress: Progress) => void
    /** Is told the answer as far as it has come. */
    readonly onAnswer?: (text: string) => void
    readonly signal?: AbortSignal
  } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/api${path}`)
    for (const [name, value] of Object.entries(writeHeaders())) request.setRequestHeader(name, value)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.addEventListener('progress', ({ loaded }) => onProgress?.({ sent: loaded, total: file.size }))
    request.addEventListener('progress', () => request.status === 200 && onAnswer?.(request.responseText))
    request.addEventListener('error', () => reject(new ApiFault('link.lost', 'the node did not answer')))
    request.addEventListener('abort', () => reject(new ApiFault('link.lost', 'stopped here')))
    request.addEventListener('load', () => {
      const { status, responseText } = request
      if (status >= 200 && status < 300) return resolve(responseText)
      const type = request.getResponseHeader('content-type') ?? ''
      readProblem(new Response(responseText, { status, headers: { 'content-type': type } })).then(reject, reject)
    })
    signal?.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

/** Has a file made and fetches it. */
export async function downloadFile(path: string): Promise<Blob> {
  const response = await fetch(`/api${path}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { accept: 'application/octet-stream', ...writeHeaders() },
  }).catch(() => {
    throw new ApiFault('link.lost', 'the node did not answer')
  })
  if (!response.ok) throw await readProblem(response)
  return response.blob().catch(() => {
    throw new ApiFault('link.lost', 'the answer broke off')
  })
}
