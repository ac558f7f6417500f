// What the composition needs of feeds.
export { makeFeeds, type Feeds } from './feeds.ts'
export { feedRoutes } from './routes.ts'

/** What an operator's tools are told. */
export const FEED_COUNTS = [
  { name: 'comity_feeds', help: 'Feeds that are not paused.', sql: 'SELECT count(*) AS n FROM feed WHERE paused = 0' },
  {
    name: 'comity_feeds_failing',
    help: 'Feeds whose last try failed.',
    sql: 'SELECT count(*) AS n FROM feed WHERE failures > 0 AND paused = 0',
  },
  {
    name: 'comity_feed_records',
    help: 'Records that the feeds of today ever added.',
    sql: 'SELECT coalesce(sum(total), 0) AS n FROM feed',
  },
]
