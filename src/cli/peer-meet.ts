// Meeting another member from the command line: by a line that is pasted, or by files that are carried.
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Fault } from '#kernel/fault.ts'
import { stringOption, type CliContext } from './args.ts'
import { readNamedText, refuseExisting } from './file.ts'

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
export function invitationIn({ cwd }: Pick<CliContext, 'cwd'>, subject: string): string {
  const what = 'the file with the invitation or the answer'
  const isFile = subject !== '' && (existsSync(resolve(cwd, subject)) || A_PATH.test(subject))
  const text = isFile ? readNamedText({ cwd, name: subject, what, bytesMax: MEETING_BYTES_MAX }) : subject
  if (text.trim() !== '') return text
  throw new Fault('input.invalid', isFile ? `${what} is empty` : 'the invitation is empty', {
    place: isFile ? subject : 'the command line',
    remedy: 'Give the whole line that begins with comity-invite: or the name of the file that was carried.',
  })
}

/** What nobody means as an invitation: a name with a folder in it, or with an ending. */
const A_PATH = /^(?!comity-invite:)[^{\n]*([\\/]|\.[A-Za-z]{1,5}$)/
const MEETING_BYTES_MAX = 250_000

/** Before anything is asked of the node: what it answers is given once, and must have a place to go. */
export function demandNewFile(context: Pick<CliContext, 'values' | 'cwd'>): void {
  const name = stringOption(context, 'out')
  if (name === undefined) return
  const path = resolve(context.cwd, name)
  refuseExisting(path)
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new Fault('not-found', 'the folder to write into is not there', { place: dirname(path) })
}

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
