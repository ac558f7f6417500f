// The end of a log by its member's own word (protocol, "Leaving"): which statement says it.

export const LOG_END_KIND = 'log-end'

/** The place of the statement that ends a log, by the log's row id. The kinds left out are those its index leaves out. */
export const LOG_END_SQL = `SELECT idx FROM statement WHERE log = ? AND kind = '${LOG_END_KIND}' AND kind NOT IN ('records.put', 'heads') ORDER BY idx LIMIT 1`
