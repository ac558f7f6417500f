// The path of a proof as a drawing, left to right in every language: statement, leaf, hashes up to the root, checkpoint,
// witnesses. The walked path is accent, the rest grey; a line is drawn where enough witnesses are reached.
import type { ReactNode } from 'react'
import type { RecordProof } from '#sharing/wire.ts'
import type { ProofVerdict, Step } from '../proof/check.ts'
import { factsOf, shortHash, type ProofFacts } from '../proof/facts.ts'
import { t } from '../text/language.ts'
import { plainText } from '../ui/harmless.ts'
import { drawnText } from '../ui/room.ts'
import { useMemberNames } from './names.ts'

export const WIDTH = 1176
const [LEAF, ROOT] = [
  { x: 276, y: 172 },
  { x: 556, y: 36 },
]
const DRAWN_MAX = 4
const WITNESSES_MAX = 6
/** One height, however many witnesses there are: what comes takes the place that was kept for it. */
export const HEIGHT = 208
const ROW_MAX = 34
const rowOf = (rows: number): number => Math.min(ROW_MAX, (HEIGHT - 44) / Math.max(1, rows))

const ORDER: readonly Step[] = ['record', 'statement', 'leaf', 'tree', 'checkpoint']

export function ProofDrawing({
  proof,
  verdict,
}: {
  readonly proof: RecordProof
  readonly verdict: ProofVerdict | undefined
}): ReactNode {
  const names = useMemberNames()
  const facts = factsOf(proof)
  const holds = (step: Step): boolean =>
    verdict !== undefined && (verdict.broken === undefined || ORDER.indexOf(step) < ORDER.indexOf(verdict.broken))
  const witnesses = witnessesOf(proof, verdict)
  const rows = Math.min(witnesses.length, WITNESSES_MAX)
  const says = t('proof.says', {
    place: proof.item.place + 1,
    count: facts.count,
    leaf: proof.leaf.index,
    hashes: facts.head.path.length,
    origin: plainText(proof.log.origin, 80),
    held: verdict?.held ?? 0,
    needed: proof.needed,
  })
  return (
    <svg className="draw" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" role="img" aria-label={says} direction="ltr">
      <Statement proof={proof} facts={facts} holds={holds('statement')} />
      <Path proof={proof} facts={facts} holds={holds('tree')} committed={holds('leaf')} />
      <Checkpoint proof={proof} facts={facts} holds={holds('checkpoint')} author={names(memberOf(proof.log.origin))} />
      {witnesses.slice(0, WITNESSES_MAX).map((witness, at) => (
        <Witness key={witness.member} witness={witness} y={22 + at * rowOf(rows)} name={names(witness.member)} />
      ))}
      <Quorum proof={proof} verdict={verdict} rows={rows} all={witnesses.length} />
    </svg>
  )
}

/** `isles.example/log` is the log of `isles.example`. */
const memberOf = (origin: string): string => origin.split('/')[0] ?? origin

const line = (holds: boolean): string => (holds ? 'path' : 'l2')

function Statement({
  proof,
  facts,
  holds,
}: {
  readonly proof: RecordProof
  readonly facts: ProofFacts
  readonly holds: boolean
}): ReactNode {
  return (
    <>
      <text className="m" x="0" y="100">
        {t('proof.place', { n: proof.item.place + 1 })}
      </text>
      <path className={line(holds)} d="M6 106 v22" />
      <rect className="box" x="0.5" y="128.5" width="196" height="76" rx="3" />
      <text className="b" x="12" y="148">
        {t('proof.statement')}
      </text>
      <text className="d" x="12" y="166">
        {t('proof.records', { n: facts.count })}
      </text>
      <text className="m" x="12" y="190">
        {facts.statement.length > 20 ? `${facts.statement.slice(0, 13)}…${facts.statement.slice(-2)}` : facts.statement}
      </text>
    </>
  )
}

type PathProps = {
  readonly proof: RecordProof
  readonly facts: ProofFacts
  readonly holds: boolean
  readonly committed: boolean
}

function Path({ proof, facts, holds, committed }: PathProps): ReactNode {
  const hashes = facts.head.path
  const drawn = hashes.slice(0, DRAWN_MAX)
  const steps = Math.max(1, drawn.length)
  const points = Array.from({ length: steps + 1 }, (_, at) => ({
    x: LEAF.x + ((ROOT.x - LEAF.x) * at) / steps,
    y: LEAF.y + ((ROOT.y - LEAF.y) * at) / steps,
  }))
  return (
    <>
      <text className="m a-m" x="233" y="164">
        {t('proof.committed')}
      </text>
      <path className={line(committed)} d={`M196 ${LEAF.y} H270`} />
      {drawn.map((hash, at) => {
        const from = points[at + 1] ?? ROOT
        const to = { x: from.x + 46, y: Math.min(LEAF.y, from.y + 34) }
        const spread = 9 + at * 4
        return (
          <g key={hash}>
            <path className="l2" d={`M${from.x} ${from.y} L${to.x} ${to.y}`} />
            {at === 0 ? null : (
              <path className="l" d={`M${to.x} ${to.y + 4} L${to.x - spread} 176 H${to.x + spread} Z`} />
            )}
            <rect className="box" x={to.x - 4} y={to.y - 4} width="8" height="8" />
            <text className="m" x={to.x + 9} y={to.y + 4}>
              {shortHash(hash)}
            </text>
          </g>
        )
      })}
      <path className={line(holds)} d={`M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join(' L')}`} />
      {points.slice(1).map(({ x, y }) => (
        <g key={x}>
          <circle className="fill" cx={x} cy={y} r="4.5" />
          <circle className={line(holds)} cx={x} cy={y} r="4.5" />
        </g>
      ))}
      <circle className={holds ? 'acc' : 'node'} cx={LEAF.x} cy={LEAF.y} r="4.5" />
      <text className="b a-m" x={LEAF.x} y="194">
        {t('proof.leafNo', { n: proof.leaf.index })}
      </text>
      <text className="b a-m" x={ROOT.x} y="20">
        {t('proof.root')}
      </text>
      <text className="m a-e" x="404" y="94">
        {hashes.length > drawn.length
          ? t('proof.hashesDrawn', { n: hashes.length, drawn: drawn.length })
          : t('proof.hashes', { n: hashes.length })}
      </text>
      <path className={line(holds)} d={`M${ROOT.x + 5} ${ROOT.y} H676`} />
    </>
  )
}

type CheckpointProps = {
  readonly proof: RecordProof
  readonly facts: ProofFacts
  readonly holds: boolean
  readonly author: string
}

function Checkpoint({ proof, facts, holds, author }: CheckpointProps): ReactNode {
  return (
    <>
      <rect className={holds ? 'box box--on' : 'box'} x="676.5" y="12.5" width="208" height="112" rx="3" />
      <text className="b" x="688" y="32">
        {t('proof.checkpointTitle')}
      </text>
      <text className="m" x="688" y="52">
        {drawnText(proof.log.origin, 30)}
      </text>
      <text className="m" x="688" y="70">
        {t('proof.sizeShort', { n: facts.head.size })}
      </text>
      <text className="m" x="688" y="88">
        {t('proof.rootShort', { hash: shortHash(facts.head.root) })}
      </text>
      {facts.algorithms.slice(0, 2).map((algorithm, at) => (
        <g key={algorithm}>
          <Tick x={695 + at * 90} y={107} holds={holds} />
          <text className="m" x={707 + at * 90} y="111">
            {algorithm}
          </text>
        </g>
      ))}
      <text className="d" x="676" y="146">
        {t('proof.signedBy', { member: drawnText(author, 30) })}
      </text>
    </>
  )
}

function Tick({ x, y, holds }: { readonly x: number; readonly y: number; readonly holds: boolean }): ReactNode {
  if (!holds)
    return (
      <>
        <circle className="fill" cx={x} cy={y} r="6" />
        <circle className="l2" cx={x} cy={y} r="6" />
      </>
    )
  return (
    <>
      <circle className="ok" cx={x} cy={y} r="6.5" />
      <path className="tick" d={`m${x - 3} ${y + 0.2} 2.2 2.2 4-4.6`} />
    </>
  )
}

type Shown = { readonly member: string; readonly timeSec: number | undefined; readonly broken: boolean }

/** Who holds first, by time; the others after them. */
function witnessesOf(proof: RecordProof, verdict: ProofVerdict | undefined): Shown[] {
  const shown: readonly Shown[] =
    verdict === undefined || verdict.broken !== undefined
      ? [...new Set(proof.witnesses.map(({ member }) => member))].map((member) => ({
          member,
          timeSec: undefined,
          broken: false,
        }))
      : verdict.witnesses
  return shown.toSorted((a, b) => (a.timeSec ?? Number.MAX_SAFE_INTEGER) - (b.timeSec ?? Number.MAX_SAFE_INTEGER))
}

function Witness({
  witness: { timeSec, broken },
  y,
  name,
}: {
  readonly witness: Shown
  readonly y: number
  readonly name: string
}): ReactNode {
  const holds = timeSec !== undefined
  return (
    <>
      <path className={holds ? 'path' : 'l2 dash'} d={`M884 68 C 916 68 908 ${y} 938 ${y}`} />
      <Tick x={946} y={y} holds={holds} />
      <text className={holds ? '' : 'd'} x="960" y={y + 4}>
        {drawnText(name, 24)}
      </text>
      <text className={broken ? 'm a-e bad' : 'm a-e'} x={WIDTH} y={y + 4}>
        {broken
          ? t('proof.lineBroken')
          : holds
            ? new Date(timeSec * 1000).toISOString().slice(11, 19)
            : t('proof.noLine')}
      </text>
    </>
  )
}

type QuorumProps = {
  readonly proof: RecordProof
  readonly verdict: ProofVerdict | undefined
  readonly rows: number
  readonly all: number
}

function Quorum({ proof, verdict, rows, all }: QuorumProps): ReactNode {
  const held = verdict?.held ?? 0
  const reached = proof.needed > 0 && held >= proof.needed
  const y = 22 + (Math.min(held, rows) - 0.5) * rowOf(rows)
  return (
    <>
      {reached && held < all && held <= rows ? <path className="l2" d={`M938 ${y} H${WIDTH}`} /> : null}
      <text className="d" x="938" y={22 + rows * rowOf(rows) + 4}>
        {proof.witnesses.length === 0
          ? t('proof.noWitnesses')
          : t(reached ? 'proof.quorum' : 'proof.quorumNot', { needed: proof.needed, n: all, held })}
      </text>
    </>
  )
}
