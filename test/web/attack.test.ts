// How the matrix is laid out: parts are folded into their technique, and light it up.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Technique } from '#sharing/picture/wire.ts'
import { brightness, columnsOf, typesOf } from '#web/attack/columns.ts'

const technique = (code: string, more: Partial<Technique> = {}): Technique => ({
  id: `attack-pattern--${code}`,
  name: code,
  code,
  ...(code.includes('.') ? { parent: code.split('.')[0] as string } : {}),
  phases: ['execution'],
  known: [],
  used: false,
  ...more,
})
const known = (type: string, count: number): Technique['known'] => [{ type, count }]

test('a part stands in its technique, which is as bright as both and used where a part is', () => {
  const techniques = [
    technique('T2', { known: known('report', 1) }),
    technique('T1', { known: known('malware', 3) }),
    technique('T1.002', { known: known('malware', 2), used: true }),
    technique('T1.001', { phases: ['execution', 'persistence'] }),
  ]
  const tactics = [
    { phase: 'execution', name: 'Execution' },
    { phase: 'persistence', name: 'Persistence' },
  ]
  const [execution, persistence] = columnsOf({ tactics, techniques }, undefined)
  assert.deepEqual(
    execution?.cells.map((cell) => [cell.technique.code, cell.known, cell.used, cell.usedParts]),
    [
      ['T1', 5, true, 1],
      ['T2', 1, false, 0],
    ],
  )
  assert.deepEqual(
    execution?.cells[0]?.parts.map((part) => part.code),
    ['T1.001', 'T1.002'],
  )
  const alone = persistence?.cells.map((cell) => cell.technique.code)
  assert.deepEqual(alone, ['T1.001'], 'a part whose technique is not in this tactic stands for itself')
  assert.deepEqual(columnsOf({ tactics, techniques }, 'report')[0]?.lit, 1)
  assert.deepEqual(typesOf({ techniques }), ['malware', 'report'])
})

test('a cell is brighter with each order of magnitude', () => {
  assert.deepEqual([0, 1, 4, 5, 19, 20, 99, 100, 5000].map(brightness), [0, 1, 1, 2, 2, 3, 3, 4, 4])
})
