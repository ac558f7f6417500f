// The domain objects that describe a threat and what helps against it (STIX 2.1 section 4).
import Type from 'typebox'
import { domainObject, killChainPhases } from './common.ts'
import { flag, looseRefs, openVocabularies, openVocabulary, refs, text, texts, time } from './types.ts'
import {
  IMPLEMENTATION_LANGUAGES,
  INFRASTRUCTURE_TYPES,
  MALWARE_CAPABILITIES,
  MALWARE_TYPES,
  MOTIVATIONS,
  PROCESSOR_ARCHITECTURES,
  RESOURCE_LEVELS,
  SOPHISTICATION_LEVELS,
  THREAT_ACTOR_ROLES,
  THREAT_ACTOR_TYPES,
  TOOL_TYPES,
} from './vocabulary.ts'

const opt = Type.Optional
const name = text('What the object is called.')
const description = opt(text('Purpose, characteristics and context, for people.'))
const aliases = opt(texts('Other names it goes by.'))
const seen = {
  first_seen: opt(time('When it was first seen, as far as the author knows.')),
  last_seen: opt(time('When it was last seen, as far as the author knows.')),
}
const SEEN_ORDER = [{ first: 'first_seen', last: 'last_seen' }]
const motivations = {
  primary_motivation: opt(openVocabulary(MOTIVATIONS, 'The main reason behind what they do.')),
  secondary_motivations: opt(openVocabularies(MOTIVATIONS, 'Further reasons behind what they do, in no order.')),
}

export const attackPattern = domainObject(
  'attack-pattern',
  { clause: '4.1', description: 'A way in which adversaries attack: a technique or tactic.' },
  {
    name,
    description,
    aliases,
    kill_chain_phases: opt(killChainPhases('The phases in which the technique is used.')),
  },
)

export const campaign = domainObject(
  'campaign',
  { clause: '4.2', description: 'Malicious activities over a time against specific targets.', order: SEEN_ORDER },
  {
    name,
    description,
    aliases,
    ...seen,
    objective: opt(text('What the campaign is meant to reach.')),
  },
)

export const courseOfAction = domainObject(
  'course-of-action',
  { clause: '4.3', description: 'Something to do against an attack, to prevent it or to respond to it.' },
  { name, description },
)

export const infrastructure = domainObject(
  'infrastructure',
  { clause: '4.8', description: 'Systems and services used for attack or defence.', order: SEEN_ORDER },
  {
    name,
    description,
    infrastructure_types: opt(openVocabularies(INFRASTRUCTURE_TYPES, 'What kind of infrastructure it is.')),
    aliases,
    kill_chain_phases: opt(killChainPhases('The phases in which the infrastructure is used.')),
    ...seen,
  },
)

export const intrusionSet = domainObject(
  'intrusion-set',
  { clause: '4.9', description: 'Behaviour and resources believed to belong to one organisation.', order: SEEN_ORDER },
  {
    name,
    description,
    aliases,
    ...seen,
    goals: opt(texts('What they try to achieve.')),
    resource_level: opt(openVocabulary(RESOURCE_LEVELS, 'The size of organisation they typically work as.')),
    ...motivations,
  },
)

export const malware = domainObject(
  'malware',
  { clause: '4.11', description: 'A family of malicious code, or one instance of it.', order: SEEN_ORDER },
  {
    name: opt(name),
    description,
    malware_types: opt(openVocabularies(MALWARE_TYPES, 'What kind of malware it is.')),
    is_family: flag('True for a family, false for a single instance. A family needs a name.'),
    aliases,
    kill_chain_phases: opt(killChainPhases('The phases in which the malware is used.')),
    ...seen,
    operating_system_refs: opt(refs(['software'], 'The operating systems it runs on.')),
    architecture_execution_envs: opt(
      openVocabularies(PROCESSOR_ARCHITECTURES, 'The processor architectures it runs on.'),
    ),
    implementation_languages: opt(
      openVocabularies(IMPLEMENTATION_LANGUAGES, 'The programming languages it is written in.'),
    ),
    capabilities: opt(openVocabularies(MALWARE_CAPABILITIES, 'What it is able to do.')),
    sample_refs: opt(looseRefs(['file', 'artifact'], 'Samples of it. For a single instance, all are the same bytes.')),
  },
)

export const threatActor = domainObject(
  'threat-actor',
  { clause: '4.17', description: 'People or organisations believed to act with malicious intent.', order: SEEN_ORDER },
  {
    name,
    description,
    threat_actor_types: opt(openVocabularies(THREAT_ACTOR_TYPES, 'What kind of actor it is.')),
    aliases,
    ...seen,
    roles: opt(openVocabularies(THREAT_ACTOR_ROLES, 'The parts the actor plays.')),
    goals: opt(texts('What the actor tries to achieve.')),
    sophistication: opt(openVocabulary(SOPHISTICATION_LEVELS, 'The skill it takes to do what the actor does.')),
    resource_level: opt(openVocabulary(RESOURCE_LEVELS, 'The size of organisation the actor works for.')),
    ...motivations,
    personal_motivations: opt(
      openVocabularies(MOTIVATIONS, 'Reasons of the actor as a person, apart from those of the organisation.'),
    ),
  },
)

export const tool = domainObject(
  'tool',
  { clause: '4.18', description: 'Legitimate software that attackers use too.' },
  {
    name,
    description,
    tool_types: opt(openVocabularies(TOOL_TYPES, 'What kind of tool it is.')),
    aliases,
    kill_chain_phases: opt(killChainPhases('The phases in which the tool is used.')),
    tool_version: opt(text('The version of the tool.')),
  },
)

export const vulnerability = domainObject(
  'vulnerability',
  { clause: '4.19', description: 'A weakness in software, hardware or procedure that can be exploited.' },
  { name, description },
)

export const THREAT_OBJECTS = [
  attackPattern,
  campaign,
  courseOfAction,
  infrastructure,
  intrusionSet,
  malware,
  threatActor,
  tool,
  vulnerability,
]
