// The observables of files and their content (STIX 2.1 section 6): artifact, directory, file with its extensions.
import Type from 'typebox'
import { extensionsOf, observable } from './common.ts'
import {
  binary,
  dictionary,
  flag,
  float,
  hashes,
  hex,
  integer,
  list,
  looseRef,
  looseRefs,
  oneOf,
  openVocabulary,
  secondsTime,
  text,
  time,
  uri,
  type Annotation,
} from './types.ts'
import { PE_TYPES } from './vocabulary.ts'

const opt = Type.Optional
const anyOfThese = (...names: string[]) => names.map((name) => ({ required: [name] }))

const ENCODING: Annotation = {
  code: 'value.charset',
  clause: '6',
  message: 'this is not the name of a character set in the IANA registry',
}

const encoding = (description: string) =>
  Type.String({ description, pattern: '^[a-zA-Z0-9/.+_:()-]{2,250}$', stix: ENCODING })

export const ENCRYPTION_ALGORITHMS = ['AES-256-GCM', 'ChaCha20-Poly1305', 'mime-type-indicated'] as const

export const artifact = observable(
  'artifact',
  {
    clause: '6.1',
    description: 'Bytes, in the object or at a URL.',
    contributing: ['hashes', 'payload_bin'],
    constraint: { anyOf: anyOfThese('payload_bin', 'url') },
  },
  {
    mime_type: opt(
      Type.String({
        description: 'The media type of the bytes, as IANA registers it.',
        pattern:
          '^(?:application|audio|chemical|example|font|haptics|image|message|model|multipart|text|video)/[a-zA-Z0-9!#$&^.+_-]{1,127}(?:;.{1,250})?$',
        stix: {
          code: 'value.media-type',
          clause: '6.1',
          message: 'this is not a media type such as application/zip',
        } satisfies Annotation,
      }),
    ),
    payload_bin: opt(binary('The bytes themselves in base64; instead of url.')),
    url: opt(uri('Where the bytes can be fetched; instead of payload_bin, and with hashes.')),
    hashes: opt(hashes('Digests of the bytes.')),
    encryption_algorithm: opt(oneOf([...ENCRYPTION_ALGORITHMS], 'How the bytes are encrypted.')),
    decryption_key: opt(text('The key to decrypt them with; only with encryption_algorithm.')),
  },
)

const fileTimes = {
  ctime: opt(time('When it was created.')),
  mtime: opt(time('When it was last written.')),
  atime: opt(time('When it was last read.')),
}

export const directory = observable(
  'directory',
  { clause: '6.3', description: 'A folder of a file system.', contributing: ['path'] },
  {
    path: text('The path as it was seen.'),
    path_enc: opt(encoding('The character set of the path, where it is not UTF-8.')),
    ...fileTimes,
    contains_refs: opt(looseRefs(['file', 'directory'], 'What lies in the folder.')),
  },
)

const archiveExt = Type.Object(
  {
    contains_refs: looseRefs(['file', 'directory'], 'What the archive contains.'),
    comment: opt(text('The comment in the archive.')),
  },
  { description: 'What is special about an archive.', stix: { clause: '6.7.2' } satisfies Annotation },
)

const alternateDataStream = Type.Object(
  {
    name: text('The name of the stream.'),
    hashes: opt(hashes('Digests of the stream.')),
    size: opt(integer('The size of the stream in bytes.', { minimum: 0 })),
  },
  { description: 'A second stream of data in a file of NTFS.' },
)

const ntfsExt = Type.Object(
  {
    sid: opt(text('The security identifier of the file.')),
    alternate_data_streams: opt(list(alternateDataStream, 'The streams beside the main one.')),
  },
  {
    description: 'What is special about a file on NTFS.',
    anyOf: anyOfThese('sid', 'alternate_data_streams'),
    stix: { clause: '6.7.3' } satisfies Annotation,
  },
)

const pdfExt = Type.Object(
  {
    version: opt(text('The version of PDF in the header.')),
    is_optimized: opt(flag('True where the file is linearised.')),
    document_info_dict: opt(dictionary(Type.String(), 'The document information: title, author and the like.')),
    pdfid0: opt(text('The first identifier of the file.')),
    pdfid1: opt(text('The second identifier of the file.')),
  },
  {
    description: 'What is special about a PDF.',
    anyOf: anyOfThese('version', 'is_optimized', 'document_info_dict', 'pdfid0', 'pdfid1'),
    stix: { clause: '6.7.4' } satisfies Annotation,
  },
)

const rasterImageExt = Type.Object(
  {
    image_height: opt(integer('The height in pixels.')),
    image_width: opt(integer('The width in pixels.')),
    bits_per_pixel: opt(integer('The bits of a pixel.')),
    exif_tags: opt(dictionary(Type.Union([Type.String(), Type.Integer()]), 'The EXIF tags and their values.')),
  },
  {
    description: 'What is special about a raster image.',
    anyOf: anyOfThese('image_height', 'image_width', 'bits_per_pixel', 'exif_tags'),
    stix: { clause: '6.7.5' } satisfies Annotation,
  },
)

const count = (description: string) => opt(integer(description, { minimum: 0 }))
const number = (description: string) => opt(integer(description))
const word = (description: string) => opt(hex(description))

const optionalHeader = Type.Object(
  {
    magic_hex: word('The magic number: PE32 or PE32+.'),
    major_linker_version: number('The major version of the linker.'),
    minor_linker_version: number('The minor version of the linker.'),
    size_of_code: count('The size of all code sections.'),
    size_of_initialized_data: count('The size of all sections of initialised data.'),
    size_of_uninitialized_data: count('The size of all sections of uninitialised data.'),
    address_of_entry_point: number('Where execution starts, relative to the image base.'),
    base_of_code: number('Where code begins, relative to the image base.'),
    base_of_data: number('Where data begins, relative to the image base.'),
    image_base: number('The address the image prefers to be loaded at.'),
    section_alignment: number('How sections are aligned in memory.'),
    file_alignment: number('How sections are aligned in the file.'),
    major_os_version: number('The major version of the operating system it needs.'),
    minor_os_version: number('The minor version of the operating system it needs.'),
    major_image_version: number('The major version of the image.'),
    minor_image_version: number('The minor version of the image.'),
    major_subsystem_version: number('The major version of the subsystem.'),
    minor_subsystem_version: number('The minor version of the subsystem.'),
    win32_version_value_hex: word('Reserved, zero.'),
    size_of_image: count('The size of the image in memory.'),
    size_of_headers: count('The size of all headers.'),
    checksum_hex: word('The checksum of the image.'),
    subsystem_hex: word('The subsystem that runs the image.'),
    dll_characteristics_hex: word('The flags of the image.'),
    size_of_stack_reserve: count('The stack to reserve.'),
    size_of_stack_commit: count('The stack to commit.'),
    size_of_heap_reserve: count('The heap to reserve.'),
    size_of_heap_commit: count('The heap to commit.'),
    loader_flags_hex: word('Reserved.'),
    number_of_rva_and_sizes: number('How many data directories follow.'),
    hashes: opt(hashes('Digests of the header.')),
  },
  {
    description: 'The optional header of a Windows executable.',
    minProperties: 1,
    stix: { clause: '6.7.6' } satisfies Annotation,
  },
)

const section = Type.Object(
  {
    name: text('The name of the section.'),
    size: count('The size of the section in bytes.'),
    entropy: opt(float('The Shannon entropy of the section.')),
    hashes: opt(hashes('Digests of the section.')),
  },
  { description: 'One section of a Windows executable.' },
)

const windowsPeBinaryExt = Type.Object(
  {
    pe_type: openVocabulary(PE_TYPES, 'What kind of executable it is.'),
    imphash: opt(text('The digest of the imports.')),
    machine_hex: word('The machine it runs on.'),
    number_of_sections: count('How many sections it has.'),
    time_date_stamp: opt(secondsTime('When it was built, in whole seconds.')),
    pointer_to_symbol_table_hex: word('Where the symbol table begins in the file.'),
    number_of_symbols: count('How many symbols the table has.'),
    size_of_optional_header: count('The size of the optional header.'),
    characteristics_hex: word('The flags of the file.'),
    file_header_hashes: opt(hashes('Digests of the file header.')),
    optional_header: opt(optionalHeader),
    sections: opt(list(section, 'The sections.')),
  },
  { description: 'What is special about a Windows executable.', stix: { clause: '6.7.6' } satisfies Annotation },
)

export const file = observable(
  'file',
  {
    clause: '6.7',
    description: 'A file.',
    contributing: ['hashes', 'name', 'parent_directory_ref', 'extensions'],
    constraint: { anyOf: anyOfThese('hashes', 'name') },
  },
  {
    hashes: opt(hashes('Digests of the content.')),
    size: opt(integer('The size in bytes.', { minimum: 0 })),
    name: opt(text('The name, without the folder.')),
    name_enc: opt(encoding('The character set of the name, where it is not UTF-8.')),
    magic_number_hex: opt(hex('The first bytes that tell the format.')),
    mime_type: opt(text('The media type of the content.')),
    ...fileTimes,
    parent_directory_ref: opt(looseRef(['directory'], 'The folder the file lies in.')),
    contains_refs: opt(looseRefs([], 'Observables found in the file.')),
    content_ref: opt(looseRef(['artifact'], 'The content of the file.')),
    extensions: opt(
      extensionsOf({
        'archive-ext': opt(archiveExt),
        'ntfs-ext': opt(ntfsExt),
        'pdf-ext': opt(pdfExt),
        'raster-image-ext': opt(rasterImageExt),
        'windows-pebinary-ext': opt(windowsPeBinaryExt),
      }),
    ),
  },
)

export const FILE_OBSERVABLES = [artifact, directory, file]
