// The observables of networks and mail (STIX 2.1 section 6).
import Type from 'typebox'
import { extensionsOf, freeDictionary, observable } from './common.ts'
import {
  dictionary,
  flag,
  hex,
  integer,
  list,
  looseRef,
  looseRefs,
  oneOf,
  text,
  texts,
  time,
  type Annotation,
} from './types.ts'

const opt = Type.Optional

export const autonomousSystem = observable(
  'autonomous-system',
  { clause: '6.2', description: 'An autonomous system of the Internet.', contributing: ['number'] },
  {
    number: integer('The number of the system.'),
    name: opt(text('The name of the system.')),
    rir: opt(text('The regional registry that assigned the number.')),
  },
)

export const domainName = observable(
  'domain-name',
  { clause: '6.4', description: 'A domain name.', contributing: ['value'] },
  {
    value: Type.String({
      description: 'The domain name, internationalised ones as A-labels or U-labels.',
      pattern:
        '^(?!.{254})(?:[A-Za-z0-9_\\u0080-\\u{10ffff}](?:[A-Za-z0-9_\\u0080-\\u{10ffff}-]{0,61}[A-Za-z0-9_\\u0080-\\u{10ffff}])?\\.)*[A-Za-z0-9_\\u0080-\\u{10ffff}](?:[A-Za-z0-9_\\u0080-\\u{10ffff}-]{0,61}[A-Za-z0-9_\\u0080-\\u{10ffff}])?\\.?$',
      stix: {
        code: 'value.domain',
        clause: '6.4',
        message: 'this is not a domain name of RFC 1034 and RFC 5890',
      } satisfies Annotation,
    }),
    resolves_to_refs: opt(
      looseRefs(
        ['ipv4-addr', 'ipv6-addr', 'domain-name'],
        'What the name resolves to. Deprecated: use a relationship.',
      ),
    ),
  },
)

export const emailAddress = observable(
  'email-addr',
  { clause: '6.5', description: 'A mail address.', contributing: ['value'] },
  {
    value: Type.String({
      description: 'The address alone, without the name of the person.',
      pattern:
        '^(?:[^\\s@<>()",:;\\\\\\[\\]]{1,320}|"[^"\\r\\n]{1,318}")@(?:[^\\s@<>()",:;\\\\\\[\\]]{1,255}|\\[[0-9A-Za-z.:]{1,64}\\])$',
      stix: {
        code: 'value.email',
        clause: '6.5',
        message: 'this is not a mail address (addr-spec of RFC 5322)',
      } satisfies Annotation,
    }),
    display_name: opt(text('The name of the person the address belongs to.')),
    belongs_to_ref: opt(looseRef(['user-account'], 'The account the address belongs to.')),
  },
)

const mimePart = Type.Object(
  {
    body: opt(text('The content of the part, where it is text.')),
    body_raw_ref: opt(looseRef(['artifact', 'file'], 'The content of the part, where it is not text.')),
    content_type: opt(text('The value of the Content-Type header of the part.')),
    content_disposition: opt(text('The value of the Content-Disposition header of the part.')),
  },
  {
    description: 'One part of a message of several parts.',
    anyOf: [{ required: ['body'] }, { required: ['body_raw_ref'] }],
    stix: { clause: '6.6.2' } satisfies Annotation,
  },
)

export const emailMessage = observable(
  'email-message',
  { clause: '6.6', description: 'A mail message.', contributing: ['from_ref', 'subject', 'body'] },
  {
    is_multipart: flag('True where the message has several parts.'),
    date: opt(time('When the message was sent.')),
    content_type: opt(text('The value of the Content-Type header.')),
    from_ref: opt(looseRef(['email-addr'], 'The address in the From header.')),
    sender_ref: opt(looseRef(['email-addr'], 'The address in the Sender header.')),
    to_refs: opt(looseRefs(['email-addr'], 'The addresses in the To header.')),
    cc_refs: opt(looseRefs(['email-addr'], 'The addresses in the Cc header.')),
    bcc_refs: opt(looseRefs(['email-addr'], 'The addresses in the Bcc header.')),
    message_id: opt(text('The value of the Message-ID header.')),
    subject: opt(text('The subject.')),
    received_lines: opt(texts('The Received headers, in the order of the message.')),
    additional_header_fields: opt(
      dictionary(
        Type.Union([Type.String(), list(Type.String(), 'Values of a header that occurs more than once.')]),
        'Headers that have no property of their own.',
      ),
    ),
    body: opt(text('The body, where the message has one part.')),
    body_multipart: opt(list(mimePart, 'The parts, where the message has several.')),
    raw_email_ref: opt(looseRef(['artifact'], 'The whole message as it came.')),
  },
)

export const ipv4Address = observable(
  'ipv4-addr',
  { clause: '6.8', description: 'An IPv4 address or a range of them in CIDR notation.', contributing: ['value'] },
  {
    value: Type.String({
      description: 'Four numbers with dots, and a prefix length after a slash for a range.',
      pattern:
        '^(?:(?:\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])\\.){3}(?:\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])(?:/(?:3[0-2]|[12]\\d|\\d))?$',
      stix: { code: 'value.ipv4', clause: '6.8', message: 'this is not an IPv4 address or range' } satisfies Annotation,
    }),
    resolves_to_refs: opt(
      looseRefs(['mac-addr'], 'Hardware addresses it resolves to. Deprecated: use a relationship.'),
    ),
    belongs_to_refs: opt(looseRefs(['autonomous-system'], 'Systems it belongs to. Deprecated: use a relationship.')),
  },
)

export const ipv6Address = observable(
  'ipv6-addr',
  { clause: '6.9', description: 'An IPv6 address or a range of them in CIDR notation.', contributing: ['value'] },
  {
    value: Type.String({
      description: 'The address, and a prefix length after a slash for a range.',
      pattern: '^[0-9A-Fa-f:.]{2,45}(?:%[^/\\s]{1,64})?(?:/(?:12[0-8]|1[01]\\d|[1-9]\\d|\\d))?$',
      stix: { code: 'value.ipv6', clause: '6.9', message: 'this is not an IPv6 address or range' } satisfies Annotation,
    }),
    resolves_to_refs: opt(
      looseRefs(['mac-addr'], 'Hardware addresses it resolves to. Deprecated: use a relationship.'),
    ),
    belongs_to_refs: opt(looseRefs(['autonomous-system'], 'Systems it belongs to. Deprecated: use a relationship.')),
  },
)

export const macAddress = observable(
  'mac-addr',
  { clause: '6.10', description: 'A hardware address of Ethernet and the like.', contributing: ['value'] },
  {
    value: Type.String({
      description: 'Six pairs of lower-case hexadecimal digits with colons.',
      pattern: '^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$',
      stix: {
        code: 'value.mac',
        clause: '6.10',
        message: 'this is not a hardware address of the form 00:1b:44:11:3a:b7',
        remedy: 'Write lower-case digits in pairs with colons between them.',
      } satisfies Annotation,
    }),
  },
)

const httpRequestExt = Type.Object(
  {
    request_method: text('The method of the request, such as get.'),
    request_value: text('The target of the request line.'),
    request_version: opt(text('The version of HTTP, such as http/1.1.')),
    request_header: opt(
      dictionary(list(Type.String(), 'The values of one header.'), 'The headers of the request.', '^.{1,250}$'),
    ),
    message_body_length: opt(integer('The length of the body in bytes.')),
    message_body_data_ref: opt(looseRef(['artifact'], 'The body.')),
  },
  { description: 'What is special about an HTTP request.', stix: { clause: '6.12.2' } satisfies Annotation },
)

const icmpExt = Type.Object(
  {
    icmp_type_hex: hex('The type byte.'),
    icmp_code_hex: hex('The code byte.'),
  },
  { description: 'What is special about ICMP.', stix: { clause: '6.12.3' } satisfies Annotation },
)

export const ADDRESS_FAMILIES = [
  'AF_UNSPEC',
  'AF_INET',
  'AF_IPX',
  'AF_APPLETALK',
  'AF_NETBIOS',
  'AF_INET6',
  'AF_IRDA',
  'AF_BTH',
] as const
export const SOCKET_TYPES = ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_RDM', 'SOCK_SEQPACKET'] as const

const socketExt = Type.Object(
  {
    address_family: oneOf([...ADDRESS_FAMILIES], 'The address family of the socket.'),
    is_blocking: opt(flag('True where the socket blocks.')),
    is_listening: opt(flag('True where the socket listens.')),
    options: opt(
      dictionary(
        Type.Integer(),
        'Options of the socket and their values.',
        '^(?:SO|ICMP|ICMP6|IP|IPV6|MCAST|TCP|IRLMP)_[A-Z0-9_]{1,240}$',
      ),
    ),
    socket_type: opt(oneOf([...SOCKET_TYPES], 'The type of the socket.')),
    socket_descriptor: opt(integer('The descriptor, on systems that count them.', { minimum: 0 })),
    socket_handle: opt(integer('The handle, on Windows.')),
  },
  { description: 'What is special about a socket.', stix: { clause: '6.12.4' } satisfies Annotation },
)

const tcpExt = Type.Object(
  {
    src_flags_hex: opt(hex('All flags the source set.')),
    dst_flags_hex: opt(hex('All flags the destination set.')),
  },
  {
    description: 'What is special about TCP.',
    anyOf: [{ required: ['src_flags_hex'] }, { required: ['dst_flags_hex'] }],
    stix: { clause: '6.12.5' } satisfies Annotation,
  },
)

const ENDPOINTS = ['ipv4-addr', 'ipv6-addr', 'mac-addr', 'domain-name'] as const

export const networkTraffic = observable(
  'network-traffic',
  {
    clause: '6.12',
    description: 'Traffic between two points of a network.',
    order: [{ first: 'start', last: 'end' }],
    contributing: ['start', 'end', 'src_ref', 'dst_ref', 'src_port', 'dst_port', 'protocols', 'extensions'],
    constraint: { anyOf: [{ required: ['src_ref'] }, { required: ['dst_ref'] }] },
  },
  {
    start: opt(time('When the traffic began.')),
    end: opt(time('When the traffic ended; absent while it is active.')),
    is_active: opt(flag('True while the traffic is going on.')),
    src_ref: opt(looseRef(ENDPOINTS, 'Where the traffic comes from.')),
    dst_ref: opt(looseRef(ENDPOINTS, 'Where the traffic goes to.')),
    src_port: opt(integer('The port of the source.', { minimum: 0, maximum: 65_535 })),
    dst_port: opt(integer('The port of the destination.', { minimum: 0, maximum: 65_535 })),
    protocols: texts('The protocols, from the outer to the inner, lower case.'),
    src_byte_count: opt(integer('Bytes sent by the source.', { minimum: 0 })),
    dst_byte_count: opt(integer('Bytes sent by the destination.', { minimum: 0 })),
    src_packets: opt(integer('Packets sent by the source.', { minimum: 0 })),
    dst_packets: opt(integer('Packets sent by the destination.', { minimum: 0 })),
    ipfix: opt(freeDictionary('Information elements of IPFIX.')),
    src_payload_ref: opt(looseRef(['artifact'], 'What the source sent.')),
    dst_payload_ref: opt(looseRef(['artifact'], 'What the destination sent.')),
    encapsulates_refs: opt(looseRefs(['network-traffic'], 'Traffic inside this traffic.')),
    encapsulated_by_ref: opt(looseRef(['network-traffic'], 'Traffic around this traffic.')),
    extensions: opt(
      extensionsOf({
        'http-request-ext': opt(httpRequestExt),
        'icmp-ext': opt(icmpExt),
        'socket-ext': opt(socketExt),
        'tcp-ext': opt(tcpExt),
      }),
    ),
  },
)

export const url = observable(
  'url',
  { clause: '6.15', description: 'A URL.', contributing: ['value'] },
  {
    value: Type.String({
      description: 'The URL, as RFC 3986 has it.',
      pattern: "^[A-Za-z][A-Za-z0-9+.\\-]*:(?:[A-Za-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$",
      stix: {
        code: 'value.uri',
        clause: '6.15',
        message: 'this is not a URL of RFC 3986',
        remedy: 'Give the scheme, and percent-encode what a URL cannot hold.',
      } satisfies Annotation,
    }),
  },
)

export const NETWORK_OBSERVABLES = [
  autonomousSystem,
  domainName,
  emailAddress,
  emailMessage,
  ipv4Address,
  ipv6Address,
  macAddress,
  networkTraffic,
  url,
]
