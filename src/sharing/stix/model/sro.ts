// The relationship objects (STIX 2.1 section 5): an edge between two objects, and the special edge "this was seen".
import Type from 'typebox'
import { relationshipObject } from './common.ts'
import { flag, integer, refs, text, time, UUID_PATTERN, type Annotation } from './types.ts'

const opt = Type.Optional

/** A reference to a domain object or observable: edges do not lead to edges, markings, translations or bundles. */
const endRef = (description: string, clause: string) =>
  Type.String({
    description,
    pattern: `^(?!(?:relationship|sighting|bundle|marking-definition|language-content|extension-definition)--)[a-z](?:-?[a-z0-9])+-?--${UUID_PATTERN}$`,
    stix: {
      code: 'ref.format',
      clause,
      message: 'this is not the identifier of a domain object or an observable',
      refersTo: [],
    } satisfies Annotation,
  })

export const relationship = relationshipObject(
  'relationship',
  {
    clause: '5.1',
    description: 'An edge: the source stands in this relation to the target.',
    order: [{ first: 'start_time', last: 'stop_time', strict: true }],
  },
  {
    relationship_type: Type.String({
      description: 'The relation, lower case with hyphens, such as uses or indicates.',
      pattern: '^[a-z0-9-]+$',
      stix: {
        code: 'relationship.type',
        clause: '5.1',
        message: 'a relationship type consists of a-z, 0-9 and hyphens',
      } satisfies Annotation,
    }),
    description: opt(text('More about the relation, for people.')),
    source_ref: endRef('Where the edge starts.', '5.1'),
    target_ref: endRef('Where the edge ends.', '5.1'),
    start_time: opt(time('Since when the relation holds.')),
    stop_time: opt(time('Until when the relation holds; later than start_time.')),
  },
)

export const sighting = relationshipObject(
  'sighting',
  {
    clause: '5.2',
    description: 'Something described elsewhere was seen: an indicator matched, a malware turned up.',
    order: [{ first: 'first_seen', last: 'last_seen' }],
  },
  {
    description: opt(text('More about what was seen, for people.')),
    first_seen: opt(time('The beginning of the time in which it was seen.')),
    last_seen: opt(time('The end of the time in which it was seen.')),
    count: opt(integer('How often it was seen.', { minimum: 0, maximum: 999_999_999 })),
    sighting_of_ref: endRef('What was seen.', '5.2'),
    observed_data_refs: opt(refs(['observed-data'], 'The raw data of the sighting.')),
    where_sighted_refs: opt(refs(['identity', 'location'], 'Who saw it, or where.')),
    summary: opt(flag('True where this sums up other sightings.')),
  },
)

export const RELATIONSHIP_OBJECTS = [relationship, sighting]
