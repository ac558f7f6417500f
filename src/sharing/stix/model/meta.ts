// The meta objects (STIX 2.1 section 7) and the bundle (section 8).
import Type from 'typebox'
import { extensionType, metaParts } from './common.ts'
import { list, ref, text, texts, time, UUID_PATTERN, type Annotation } from './types.ts'

const opt = Type.Optional
const {
  head,
  definition,
  specVersion,
  creatorProperties,
  versionProperties,
  confidenceProperty,
  referenceProperties,
  markingProperties,
  anyExtensions,
  MODIFIED_ORDER,
} = metaParts

export const languageContent = definition(
  'meta',
  'language-content',
  { clause: '7.1', description: 'Translations of the texts of another object.', order: [MODIFIED_ORDER] },
  {
    ...head('language-content'),
    spec_version: specVersion,
    ...creatorProperties,
    ...versionProperties,
    ...confidenceProperty,
    ...referenceProperties,
    ...markingProperties,
    ...anyExtensions,
    object_ref: Type.String({
      description: 'The object whose texts are translated.',
      pattern: `^(?!(?:bundle|language-content)--)[a-z](?:-?[a-z0-9])+-?--${UUID_PATTERN}$`,
      stix: {
        code: 'ref.format',
        clause: '7.1',
        message: 'this is not the identifier of an object that can be translated',
        refersTo: [],
      } satisfies Annotation,
    }),
    object_modified: opt(time('The version of that object that was translated.')),
    contents: Type.Record(
      Type.String({ pattern: '^(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*|[xiXI](?:-[A-Za-z0-9]{1,8})+)$' }),
      Type.Record(Type.String(), Type.Unknown(), { minProperties: 1 }),
      {
        description:
          'By language, then by property, the translated text; lists and objects have the shape of the original.',
        additionalProperties: false,
        minProperties: 1,
        stix: {
          code: 'value.language',
          clause: '7.1',
          message: 'this key is not a language tag of RFC 5646',
        } satisfies Annotation,
      },
    ),
  },
)

export const markingDefinition = definition(
  'meta',
  'marking-definition',
  {
    clause: '7.2',
    description:
      'How data may be handled and shared: a statement, a label of the Traffic Light Protocol, or what an extension says.',
  },
  {
    ...head('marking-definition'),
    spec_version: specVersion,
    ...creatorProperties,
    ...referenceProperties,
    ...markingProperties,
    ...anyExtensions,
    name: opt(text('What the marking is called.')),
    definition_type: opt(text('The kind of the definition: statement or tlp. Deprecated in favour of extensions.')),
    definition: opt(Type.Object({}, { description: 'The definition, in the shape of its kind.' })),
  },
)

export const extensionDefinition = definition(
  'meta',
  'extension-definition',
  {
    clause: '7.3',
    description: 'What an extension is, who made it and where its schema lies.',
    order: [MODIFIED_ORDER],
  },
  {
    ...head('extension-definition'),
    spec_version: specVersion,
    ...creatorProperties,
    ...versionProperties,
    ...referenceProperties,
    ...markingProperties,
    ...anyExtensions,
    created_by_ref: ref([], 'The identity of who made the extension; required here.'),
    name: text('What the extension is called.'),
    description: opt(text('What the extension is for.')),
    schema: text('The schema of the extension, or the URL where it lies.'),
    version: text('The version of the extension, as in semantic versioning.'),
    extension_types: list(
      extensionType('A way in which the extension extends.'),
      'The ways in which the extension extends.',
    ),
    extension_properties: opt(texts('The properties it adds at the top level of objects.')),
  },
)

export const bundle = definition(
  'bundle',
  'bundle',
  { clause: '8', description: 'A container for any objects; they need not have anything in common.' },
  {
    ...head('bundle'),
    objects: opt(
      Type.Array(Type.Object({}), {
        description: 'The objects.',
        minItems: 1,
        stix: { clause: '8' } satisfies Annotation,
      }),
    ),
  },
)

export const META_OBJECTS = [languageContent, markingDefinition, extensionDefinition, bundle]
