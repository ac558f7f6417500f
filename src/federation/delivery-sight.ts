// What somebody may look at of what was exchanged: statements by their class.
import { OWN_LOG } from '#kernel/log/tile-store.ts'
import { inSight, type Seen, type Sight } from '#kernel/sight.ts'

/** Whether a statement `s` is in sight. What a member says of itself and of logs is for everybody here. */
export function statementInSight(sight: Sight): Seen {
  const { sql, values } = inSight(sight, { collection: 'coalesce(s.collection, -1)', labelClass: 's.label_class' })
  return { sql: `(s.kind IN ('node', 'heads', 'evidence', 'log-end') OR ${sql})`, values }
}

const BODY = 'CAST(d.body AS TEXT)'

/** Of the statements that an item `d` of a stream gives, those in sight: their indexes, as a JSON list. */
export function indexesInSight(sight: Sight): Seen {
  const { sql, values } = statementInSight(sight)
  const log = `coalesce((SELECT id FROM log WHERE origin = json_extract(${BODY}, '$.origin')), ${OWN_LOG})`
  return {
    sql: `(SELECT json_group_array(x.value) FROM json_each(${BODY}, '$.indexes') x WHERE NOT EXISTS
      (SELECT 1 FROM statement s WHERE s.log = ${log} AND s.idx = x.value AND NOT ${sql}))`,
    values,
  }
}
