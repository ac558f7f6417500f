// The domain objects that observe, judge and report (STIX 2.1 section 4): who saw what, where, and what others think.
import Type from 'typebox'
import { domainObject, killChainPhases } from './common.ts'
import {
  float,
  integer,
  list,
  oneOf,
  openVocabularies,
  openVocabulary,
  ref,
  refs,
  text,
  texts,
  time,
  type Annotation,
} from './types.ts'
import {
  GROUPING_CONTEXTS,
  IDENTITY_CLASSES,
  INDICATOR_TYPES,
  MALWARE_RESULTS,
  PATTERN_TYPES,
  REGIONS,
  REPORT_TYPES,
  SECTORS,
} from './vocabulary.ts'

const opt = Type.Optional
const name = text('What the object is called.')
const description = opt(text('Purpose, characteristics and context, for people.'))
const authors = opt(texts('The people who wrote it.'))

export const grouping = domainObject(
  'grouping',
  { clause: '4.4', description: 'Objects that belong together for a stated reason, without being a finished report.' },
  {
    name: opt(name),
    description,
    context: openVocabulary(GROUPING_CONTEXTS, 'Why these objects are together.'),
    object_refs: refs([], 'The objects that belong together.'),
  },
)

export const identity = domainObject(
  'identity',
  { clause: '4.5', description: 'A person, an organisation, a system, or a class of them.' },
  {
    name,
    description,
    roles: opt(texts('The parts this identity plays, such as CISO or reporter.')),
    identity_class: opt(openVocabulary(IDENTITY_CLASSES, 'What kind of identity it is.')),
    sectors: opt(openVocabularies(SECTORS, 'The sectors of industry it belongs to.')),
    contact_information: opt(text('How to reach it: mail address, telephone number and the like.')),
  },
)

export const incident = domainObject(
  'incident',
  { clause: '4.6', description: 'An incident. STIX 2.1 defines only name and description; extensions add the rest.' },
  { name, description },
)

export const indicator = domainObject(
  'indicator',
  {
    clause: '4.7',
    description: 'A pattern by which suspicious or malicious activity can be detected.',
    order: [{ first: 'valid_from', last: 'valid_until', strict: true }],
  },
  {
    name: opt(name),
    description,
    indicator_types: opt(openVocabularies(INDICATOR_TYPES, 'What a match indicates.')),
    pattern: text('The detection pattern, in the language that pattern_type names.'),
    pattern_type: openVocabulary(PATTERN_TYPES, 'The language of the pattern.'),
    pattern_version: opt(text('The version of that language.')),
    valid_from: time('From when on a match means something.'),
    valid_until: opt(time('When a match stops meaning something; later than valid_from.')),
    kill_chain_phases: opt(killChainPhases('The phases the indicator points to.')),
  },
)

export const location = domainObject(
  'location',
  {
    clause: '4.10',
    description: 'A place: a region, a country, an address or coordinates.',
    constraint: {
      anyOf: [{ required: ['region'] }, { required: ['country'] }, { required: ['latitude', 'longitude'] }],
    },
  },
  {
    name: opt(name),
    description,
    latitude: opt(float('Degrees north of the equator. Comes with longitude.', { minimum: -90, maximum: 90 })),
    longitude: opt(float('Degrees east of Greenwich. Comes with latitude.', { minimum: -180, maximum: 180 })),
    precision: opt(float('How far the true place may be from the coordinates, in metres.')),
    region: opt(openVocabulary(REGIONS, 'The part of the world.')),
    country: opt(text('The country, as an ISO 3166-1 code of two letters.')),
    administrative_area: opt(text('The state or province, as an ISO 3166-2 code.')),
    city: opt(text('The city.')),
    street_address: opt(text('Street, number and the like.')),
    postal_code: opt(text('The postal code.')),
  },
)

export const malwareAnalysis = domainObject(
  'malware-analysis',
  {
    clause: '4.12',
    description: 'What one analysis of a piece of malware was and found.',
    order: [{ first: 'analysis_started', last: 'analysis_ended' }],
    constraint: { anyOf: [{ required: ['result'] }, { required: ['analysis_sco_refs'] }] },
  },
  {
    product: text('The analysis engine or product, lower case; anonymized where it may not be named.'),
    version: opt(text('The version of the product.')),
    host_vm_ref: opt(ref(['software'], 'The virtual machine the guest ran in.')),
    operating_system_ref: opt(ref(['software'], 'The operating system the malware ran on.')),
    installed_software_refs: opt(refs(['software'], 'Software installed on that system beside the usual.')),
    configuration_version: opt(text('The named configuration of the product.')),
    modules: opt(texts('The analysis modules that were used.')),
    analysis_engine_version: opt(text('The version of the engine.')),
    analysis_definition_version: opt(text('The version of the definitions the engine used.')),
    submitted: opt(time('When the malware was first handed in.')),
    analysis_started: opt(time('When the analysis began.')),
    analysis_ended: opt(time('When the analysis ended.')),
    result_name: opt(text('What the product calls the malware.')),
    result: opt(openVocabulary(MALWARE_RESULTS, 'The verdict of the product.')),
    analysis_sco_refs: opt(refs([], 'Observables captured during the analysis.')),
    sample_ref: opt(ref(['file', 'artifact', 'network-traffic'], 'What was analysed.')),
  },
)

export const note = domainObject(
  'note',
  { clause: '4.13', description: 'Text that adds context or analysis to other objects.' },
  {
    abstract: opt(text('The note in one line.')),
    content: text('The note.'),
    authors,
    object_refs: refs([], 'The objects the note is about.'),
  },
)

const NOT_OBSERVED =
  'attack-pattern|campaign|course-of-action|grouping|identity|incident|indicator|infrastructure|intrusion-set|location|malware|malware-analysis|note|observed-data|opinion|report|threat-actor|tool|vulnerability|bundle|marking-definition|language-content|extension-definition'

export const observedData = domainObject(
  'observed-data',
  {
    clause: '4.14',
    description: 'Raw facts somebody saw on systems or networks, and how often.',
    order: [{ first: 'first_observed', last: 'last_observed' }],
    constraint: { anyOf: [{ required: ['objects'] }, { required: ['object_refs'] }] },
  },
  {
    first_observed: time('The beginning of the time in which it was seen.'),
    last_observed: time('The end of the time in which it was seen.'),
    number_observed: integer('How often each of the observables was seen.', { minimum: 1, maximum: 999_999_999 }),
    objects: opt(
      Type.Object(
        {},
        {
          description: 'The observables themselves under local keys: the old form of STIX 2.0, instead of object_refs.',
          minProperties: 1,
          additionalProperties: { type: 'object' },
          stix: { clause: '2.13' } satisfies Annotation,
        },
      ),
    ),
    object_refs: opt(
      list(
        Type.String({
          pattern: `^(?!(?:${NOT_OBSERVED})--)[a-z](?:-?[a-z0-9])+-?--.+$`,
          stix: {
            code: 'ref.format',
            clause: '4.14',
            message: 'this is not the identifier of an observable or a relationship',
            refersTo: [],
          } satisfies Annotation,
        }),
        'The observables, and the relationships between them, that were seen.',
      ),
    ),
  },
)

export const opinion = domainObject(
  'opinion',
  { clause: '4.15', description: 'What somebody thinks of the correctness of somebody else’s objects.' },
  {
    explanation: opt(text('Why they think so.')),
    authors,
    opinion: oneOf(['strongly-disagree', 'disagree', 'neutral', 'agree', 'strongly-agree'], 'How far they agree.'),
    object_refs: refs([], 'The objects the opinion is about.'),
  },
)

export const report = domainObject(
  'report',
  { clause: '4.16', description: 'A finished report: a text and the objects it speaks of.' },
  {
    name,
    description,
    report_types: opt(openVocabularies(REPORT_TYPES, 'What the report is mainly about.')),
    published: time('When the report was published.'),
    object_refs: refs([], 'The objects the report speaks of.'),
  },
)

export const REPORT_OBJECTS = [
  grouping,
  identity,
  incident,
  indicator,
  location,
  malwareAnalysis,
  note,
  observedData,
  opinion,
  report,
]
