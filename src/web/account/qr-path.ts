// The dark modules of a QR code as one path: a bar for each run in a row.

export function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows.map((row, y) => barsOf(row, y)).join('')
}

function barsOf(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = 0; x < row.length; x += 1) {
    if (row[x] !== true) continue
    const from = x
    while (row[x + 1] === true) x += 1
    path += `M${from} ${y}h${x + 1 - from}v1H${from}z`
  }
  return path
}
