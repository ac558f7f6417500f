// How a failure looks on the wire (RFC 9457).
import type { FaultCode } from '../fault.ts'

export type Problem = {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  /** Stable; see FAULT_STATUS. */
  readonly code: FaultCode
  readonly detail: string
  readonly remedy?: string
  readonly place?: string
  readonly requestId: string
}
