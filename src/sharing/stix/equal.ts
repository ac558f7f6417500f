// Whether two parsed JSON texts say the same: the order of properties does not matter, and 1.0 is 1.

/** True where two parsed JSON values are equal. Works without recursion, so depth costs nothing but memory. */
export function sameJson(a: unknown, b: unknown): boolean {
  const waiting: unknown[] = [a, b]
  while (waiting.length > 0) {
    const right = waiting.pop()
    const left = waiting.pop()
    if (left === right) continue
    if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
    if (Array.isArray(left) !== Array.isArray(right)) return false
    const names = Object.keys(left)
    if (names.length !== Object.keys(right).length) return false
    for (const name of names) {
      if (!Object.hasOwn(right, name)) return false
      waiting.push((left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name])
    }
  }
  return true
}
