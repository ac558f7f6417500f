// Meeting another member from the command line: by a line that is pasted, or by files that are carried.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Fault } from '#kernel/fault.ts'
import { stringOption, type CliContext } from './args.ts'

export type Invited = { readonly invitation: string; readonly file: string; readonly expires: string }

export function invite(context: CliContext, { invitation, file, expires }: Invited): number {
  const { out } = context
  const path = writeOut(context, file)
  out.data({ invitation, expires, ...(path === undefined ? {} : { file: path }) })
  if (path === undefined) {
    out.line(invitation)
    out.line()
    out.line(`Give this line to one member. It works once, until ${expires}. They run: comity peer accept …`)
  } else {
    out.line(`The invitation is in ${path}. Give it to one member. It works once, until ${expires}.`)
    out.line(`They run: comity peer accept FILE --out ANSWER, and you: comity peer accept ANSWER`)
  }
  return 0
}

/** A line as it was pasted, or the text of a file. */
export function invitationIn({ cwd }: CliContext, subject: string): string {
  const path = resolve(cwd, subject)
  if (subject.startsWith('comity-invite:') || !existsSync(path)) return subject
  if (statSync(path).size > MEETING_BYTES_MAX)
    throw new Fault('input.too-large', 'this file is too large for an invitation or an answer', { place: path })
  return readFileSync(path, 'utf8')
}

const MEETING_BYTES_MAX = 250_000

/** Writes to the file that --out names; undefined without one. */
function writeOut(context: CliContext, text: string): string | undefined {
  const name = stringOption(context, 'out')
  if (name === undefined) return undefined
  const path = resolve(context.cwd, name)
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx', flush: true })
  } catch (cause) {
    throw new Fault('conflict', `the file cannot be written (${(cause as Error).message})`, {
      place: path,
      remedy: 'Name a new file.',
      cause,
    })
  }
  return path
}

export type Met = { readonly member: string; readonly words: readonly string[]; readonly answer?: string }

export function met(context: CliContext, answer: Met): number {
  const { out } = context
  const path = answer.answer === undefined ? undefined : writeOut(context, answer.answer)
  out.data(path === undefined ? answer : { ...answer, file: path })
  if (answer.answer !== undefined)
    out.line(
      path === undefined
        ? `Give ${answer.member} this answer, as a file:\n\n${answer.answer}`
        : `The answer is in ${path}. Bring it to ${answer.member}; they run: comity peer accept FILE`,
    )
  out.line(
    `${answer.member} is known now and waits for approval. These words must be the same on both sides; compare them by telephone:`,
  )
  out.line()
  out.line(`  ${answer.words.join(' ')}`)
  out.line()
  out.line(`If they are: comity peer approve ${answer.member}`)
  return 0
}
