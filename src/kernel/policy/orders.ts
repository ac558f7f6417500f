// What the policy thread is asked and what it answers: plain data.
import type { MessagePort } from 'node:worker_threads'
import type { Verdict } from './engine.ts'
import type { Checked } from './read-rules.ts'
import type { Ask } from './request.ts'
import type { RuleFile } from './types.ts'

export type Order =
  /** Decide by these rules. The files are sent along when the thread has not seen them yet. */
  | {
      readonly kind: 'decide'
      readonly rules: string
      readonly files?: readonly RuleFile[]
      readonly asks: readonly Ask[]
    }
  | { readonly kind: 'check'; readonly files: readonly RuleFile[] }
  /** Be ready to decide by these rules. */
  | { readonly kind: 'hold'; readonly files: readonly RuleFile[] }

export type Answer =
  | { readonly kind: 'decided'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'checked'; readonly checked: Checked }
  | { readonly kind: 'held' }
  /** The thread does not know these rules, or forgot them: it wants their text. */
  | { readonly kind: 'text-please' }
  /** No answer at all: the rules do not hold together, the thread ended, or time ran out. */
  | { readonly kind: 'failed'; readonly reason: string }

/** What lies in the port: an order or its answer, by number. */
export type Numbered<T> = { readonly id: number; readonly body: T }

/** What the thread is started with. `signal` counts answers, so that a caller can wait for one without an event loop. */
export type ThreadStart = { readonly port: MessagePort; readonly signal: Int32Array }
