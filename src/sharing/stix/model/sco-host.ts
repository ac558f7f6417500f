// The observables of a host (STIX 2.1 section 6): processes, software, accounts, registry keys, certificates.
import Type from 'typebox'
import { extensionsOf, freeDictionary, observable } from './common.ts'
import {
  dictionary,
  flag,
  hashes,
  integer,
  list,
  looseRef,
  looseRefs,
  oneOf,
  openVocabulary,
  text,
  texts,
  time,
  type Annotation,
} from './types.ts'
import { ACCOUNT_TYPES } from './vocabulary.ts'

const opt = Type.Optional
const anyOfThese = (names: readonly string[]) => names.map((name) => ({ required: [name] }))

export const mutex = observable(
  'mutex',
  {
    clause: '6.11',
    description: 'A named lock, by which a program knows that it runs already.',
    contributing: ['name'],
  },
  { name: text('The name of the lock.') },
)

const windowsProcess = {
  aslr_enabled: opt(flag('True where addresses are randomised.')),
  dep_enabled: opt(flag('True where data cannot be executed.')),
  priority: opt(text('The priority class, ending in _CLASS.')),
  owner_sid: opt(text('The security identifier of the owner.')),
  window_title: opt(text('The title of the main window.')),
  startup_info: opt(dictionary(Type.Union([Type.String(), Type.Integer(), Type.Null()]), 'The STARTUPINFO structure.')),
  integrity_level: opt(oneOf(['low', 'medium', 'high', 'system'], 'The integrity level.')),
}

const windowsProcessExt = Type.Object(windowsProcess, {
  description: 'What is special about a process on Windows.',
  anyOf: anyOfThese(Object.keys(windowsProcess)),
  stix: { clause: '6.13.2' } satisfies Annotation,
})

export const SERVICE_STARTS = [
  'SERVICE_AUTO_START',
  'SERVICE_BOOT_START',
  'SERVICE_DEMAND_START',
  'SERVICE_DISABLED',
  'SERVICE_SYSTEM_ALERT',
] as const
export const SERVICE_TYPES = [
  'SERVICE_KERNEL_DRIVER',
  'SERVICE_FILE_SYSTEM_DRIVER',
  'SERVICE_WIN32_OWN_PROCESS',
  'SERVICE_WIN32_SHARE_PROCESS',
] as const
export const SERVICE_STATES = [
  'SERVICE_CONTINUE_PENDING',
  'SERVICE_PAUSE_PENDING',
  'SERVICE_PAUSED',
  'SERVICE_RUNNING',
  'SERVICE_START_PENDING',
  'SERVICE_STOP_PENDING',
  'SERVICE_STOPPED',
] as const

const windowsService = {
  service_name: opt(text('The name of the service.')),
  descriptions: opt(texts('What the service says it is for.')),
  display_name: opt(text('The name shown to users.')),
  group_name: opt(text('The group the service is loaded with.')),
  start_type: opt(oneOf([...SERVICE_STARTS], 'When the service starts.')),
  service_dll_refs: opt(looseRefs(['file'], 'The libraries the service loads.')),
  service_type: opt(oneOf([...SERVICE_TYPES], 'What kind of service it is.')),
  service_status: opt(oneOf([...SERVICE_STATES], 'The state the service was seen in.')),
}

const windowsServiceExt = Type.Object(windowsService, {
  description: 'What is special about a service on Windows.',
  anyOf: anyOfThese(Object.keys(windowsService)),
  stix: { clause: '6.13.3' } satisfies Annotation,
})

const processProperties = {
  is_hidden: opt(flag('True where the process hides.')),
  pid: opt(integer('The number of the process.')),
  created_time: opt(time('When the process started.')),
  cwd: opt(text('The folder it runs in.')),
  command_line: opt(text('The whole command line.')),
  environment_variables: opt(freeDictionary('The environment.')),
  opened_connection_refs: opt(looseRefs(['network-traffic'], 'Connections the process opened.')),
  creator_user_ref: opt(looseRef(['user-account'], 'The account that started it.')),
  image_ref: opt(looseRef(['file'], 'The executable it runs.')),
  parent_ref: opt(looseRef(['process'], 'The process that started it.')),
  child_refs: opt(looseRefs(['process'], 'Processes it started.')),
  extensions: opt(
    extensionsOf({
      'windows-process-ext': opt(windowsProcessExt),
      'windows-service-ext': opt(windowsServiceExt),
    }),
  ),
}

export const process = observable(
  'process',
  {
    clause: '6.13',
    description: 'A running program.',
    constraint: { anyOf: anyOfThese(Object.keys(processProperties)) },
  },
  processProperties,
)

const CPE_PART = '(?:[*-]|[?*]*(?:[a-zA-Z0-9_.-]|\\\\[\\x21-\\x7e])+[?*]*)'

export const software = observable(
  'software',
  { clause: '6.14', description: 'A software product.', contributing: ['name', 'cpe', 'swid', 'vendor', 'version'] },
  {
    name: text('The name of the product.'),
    cpe: opt(
      Type.String({
        description: 'The name in the Common Platform Enumeration, version 2.3.',
        pattern: `^cpe:2\\.3:[aho*-](?::${CPE_PART}){5}:(?:[a-zA-Z]{2,3}(?:-(?:[a-zA-Z]{2}|\\d{3}))?|[*-])(?::${CPE_PART}){4}$`,
        stix: { code: 'value.cpe', clause: '6.14', message: 'this is not a CPE 2.3 name' } satisfies Annotation,
      }),
    ),
    swid: opt(text('The SWID tag of the product.')),
    languages: opt(
      list(
        Type.String({
          pattern: '^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$',
          stix: { code: 'value.language', clause: '6.14', message: 'this is not a language tag' } satisfies Annotation,
        }),
        'The languages the product speaks.',
      ),
    ),
    vendor: opt(text('Who makes it.')),
    version: opt(text('Its version.')),
  },
)

const unixAccount = {
  gid: opt(integer('The number of the main group.')),
  groups: opt(texts('The groups the account is in.')),
  home_dir: opt(text('The home folder.')),
  shell: opt(text('The shell.')),
}

const unixAccountExt = Type.Object(unixAccount, {
  description: 'What is special about an account on Unix.',
  anyOf: anyOfThese(Object.keys(unixAccount)),
  stix: { clause: '6.16.2' } satisfies Annotation,
})

const accountProperties = {
  user_id: opt(text('The identifier the system gave the account.')),
  credential: opt(text('A clear-text password or the like.')),
  account_login: opt(text('What the user types to log in.')),
  account_type: opt(openVocabulary(ACCOUNT_TYPES, 'What kind of account it is.')),
  display_name: opt(text('The name others see.')),
  is_service_account: opt(flag('True where no person uses it.')),
  is_privileged: opt(flag('True where it may more than others.')),
  can_escalate_privs: opt(flag('True where it can become privileged.')),
  is_disabled: opt(flag('True where it cannot be used.')),
  account_created: opt(time('When it was created.')),
  account_expires: opt(time('When it expires.')),
  credential_last_changed: opt(time('When the password was last changed.')),
  account_first_login: opt(time('When it was first used.')),
  account_last_login: opt(time('When it was last used.')),
  extensions: opt(extensionsOf({ 'unix-account-ext': opt(unixAccountExt) })),
}

export const userAccount = observable(
  'user-account',
  {
    clause: '6.16',
    description: 'An account on a system or a service.',
    contributing: ['account_type', 'user_id', 'account_login'],
    constraint: { anyOf: anyOfThese(Object.keys(accountProperties)) },
  },
  accountProperties,
)

export const REGISTRY_TYPES = [
  'REG_NONE',
  'REG_SZ',
  'REG_EXPAND_SZ',
  'REG_BINARY',
  'REG_DWORD',
  'REG_DWORD_BIG_ENDIAN',
  'REG_DWORD_LITTLE_ENDIAN',
  'REG_LINK',
  'REG_MULTI_SZ',
  'REG_RESOURCE_LIST',
  'REG_FULL_RESOURCE_DESCRIPTION',
  'REG_RESOURCE_REQUIREMENTS_LIST',
  'REG_QWORD',
  'REG_INVALID_TYPE',
] as const

const registryValue = Type.Object(
  {
    name: opt(text('The name of the value; empty for the default value.')),
    data: opt(text('The data of the value.')),
    data_type: opt(oneOf([...REGISTRY_TYPES], 'The type of the data.')),
  },
  {
    description: 'A value under a registry key.',
    anyOf: anyOfThese(['name', 'data', 'data_type']),
    stix: { clause: '6.17.2' } satisfies Annotation,
  },
)

const registryProperties = {
  key: opt(
    Type.String({
      description: 'The whole key, the hive written out.',
      pattern: '^(?!(?:[hH][kK][lL][mM]|[hH][kK][cC][cCrRuU]|[hH][kK][uU])(?:\\\\|$))',
      stix: {
        code: 'registry.hive',
        clause: '6.17',
        message: 'the hive of a registry key must not be abbreviated',
        remedy: 'Write HKEY_LOCAL_MACHINE instead of HKLM, and so on.',
      } satisfies Annotation,
    }),
  ),
  values: opt(list(registryValue, 'The values under the key.')),
  modified_time: opt(time('When the key was last written.')),
  creator_user_ref: opt(looseRef(['user-account'], 'The account that created it.')),
  number_of_subkeys: opt(integer('How many keys are under it.')),
}

export const windowsRegistryKey = observable(
  'windows-registry-key',
  {
    clause: '6.17',
    description: 'A key of the Windows registry.',
    contributing: ['key', 'values'],
    constraint: { anyOf: anyOfThese(Object.keys(registryProperties)) },
  },
  registryProperties,
)

const certificateExtensions = {
  basic_constraints: opt(text('Whether it is an authority, and how deep its chain may go.')),
  name_constraints: opt(text('The names below it that are allowed.')),
  policy_constraints: opt(text('Constraints on policies below it.')),
  key_usage: opt(text('What the key is for.')),
  extended_key_usage: opt(text('What else the key is for.')),
  subject_key_identifier: opt(text('Identifies its key.')),
  authority_key_identifier: opt(text('Identifies the key that signed it.')),
  subject_alternative_name: opt(text('Further names of its owner.')),
  issuer_alternative_name: opt(text('Further names of its issuer.')),
  subject_directory_attributes: opt(text('Attributes of its owner.')),
  crl_distribution_points: opt(text('Where revocations are listed.')),
  inhibit_any_policy: opt(text('How many certificates may follow with any policy.')),
  private_key_usage_period_not_before: opt(time('Since when the private key may be used.')),
  private_key_usage_period_not_after: opt(time('Until when the private key may be used.')),
  certificate_policies: opt(text('The policies it was issued under.')),
  policy_mappings: opt(text('Policies that are equal to others.')),
}

const x509Extensions = Type.Object(certificateExtensions, {
  description: 'The extensions of version 3 of X.509.',
  anyOf: anyOfThese(Object.keys(certificateExtensions)),
  stix: { clause: '6.18.2' } satisfies Annotation,
})

const certificateProperties = {
  is_self_signed: opt(flag('True where it signed itself.')),
  hashes: opt(hashes('Digests of the certificate.')),
  version: opt(text('The version of X.509.')),
  serial_number: opt(text('The serial number its issuer gave it.')),
  signature_algorithm: opt(text('How it is signed.')),
  issuer: opt(text('Who issued it.')),
  validity_not_before: opt(time('Since when it is valid.')),
  validity_not_after: opt(time('Until when it is valid.')),
  subject: opt(text('Whose it is.')),
  subject_public_key_algorithm: opt(text('The algorithm of its public key.')),
  subject_public_key_modulus: opt(text('The modulus of its RSA key.')),
  subject_public_key_exponent: opt(integer('The exponent of its RSA key.')),
  x509_v3_extensions: opt(x509Extensions),
}

export const x509Certificate = observable(
  'x509-certificate',
  {
    clause: '6.18',
    description: 'A certificate of X.509.',
    contributing: ['hashes', 'serial_number'],
    constraint: { anyOf: anyOfThese(Object.keys(certificateProperties)) },
  },
  certificateProperties,
)

export const HOST_OBSERVABLES = [mutex, process, software, userAccount, windowsRegistryKey, x509Certificate]
