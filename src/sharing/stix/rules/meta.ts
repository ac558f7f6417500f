// The rules of marking definitions, extension definitions and translations (STIX 2.1 section 7).
import { sameJson } from '../equal.ts'
import { fixedDefinition, FIXED_MARKINGS, type FixedMarking, TLP2_EXTENSION } from '../tlp.ts'
import { step } from '../finding.ts'
import { isObject, type Json, listOf, type Rule, type RuleContext } from './kit.ts'

/** The rules of one type, by type. */
export const META_RULES: Readonly<Record<string, Rule>> = {
  'marking-definition': markingDefinition,
  'extension-definition': extensionDefinition,
  'language-content': languageContent,
}

function markingDefinition(object: Json, context: RuleContext): void {
  const { report, path } = context
  const { definition_type: kind, definition, extensions } = object
  if (extensions === undefined && (kind === undefined || definition === undefined)) {
    const message = 'a marking definition needs definition_type and definition, or an extension'
    report.breaks({ code: 'property.missing', path: `${path}/definition`, message, clause: '7.2.1' })
  }
  if (kind === 'statement' && !(isObject(definition) && typeof definition['statement'] === 'string')) {
    report.breaks({
      code: 'property.missing',
      path: `${path}/definition/statement`,
      message: 'a statement marking needs a statement',
      clause: '7.2.1.3',
    })
  }
  fixedLabels(object, context)
}

/** Labels of the Traffic Light Protocol exist once: nobody makes others, and nobody changes these. */
function fixedLabels(object: Json, { report, path }: RuleContext): void {
  const { id, definition_type: kind, extensions } = object
  const marking = typeof id === 'string' ? FIXED_MARKINGS.get(id) : undefined
  const second = isObject(extensions) && extensions[TLP2_EXTENSION] !== undefined
  if (kind !== 'tlp' && !second && marking === undefined) return
  if (typeof id === 'string' && marking !== undefined && isFixed(object, id, marking)) return
  const finding = {
    code: 'marking.tlp',
    path,
    message:
      marking === undefined
        ? 'this is not one of the fixed definitions of TLP'
        : `this differs from the fixed definition of ${marking.name}`,
    remedy: 'Refer to the fixed definitions by their ids, and leave their content as it is.',
    clause: '7.2.1.4',
  }
  if (kind === 'tlp' || second) report.breaks(finding)
  else report.advises(finding)
}

/** Version 1 is fixed to the letter; of version 2.0 name and label are. */
function isFixed(object: Json, id: string, marking: FixedMarking): boolean {
  const whole = fixedDefinition(id)
  if (marking.version === 1) return sameJson(object, whole)
  return object['name'] === marking.name && sameJson(object['extensions'], whole?.['extensions'])
}

function extensionDefinition(object: Json, { report, path }: RuleContext): void {
  if (
    object['extension_properties'] === undefined ||
    listOf(object['extension_types']).includes('toplevel-property-extension')
  )
    return
  report.breaks({
    code: 'property.not-here',
    path: `${path}/extension_properties`,
    message: 'extension_properties is only for extensions of the type toplevel-property-extension',
    clause: '7.3',
  })
}

const PROPERTY_NAME = /^[a-z0-9_]{3,250}$/

function languageContent(object: Json, { report, path }: RuleContext): void {
  if (!isObject(object['contents'])) return
  for (const [language, texts] of Object.entries(object['contents'])) {
    if (!isObject(texts)) continue
    for (const name of Object.keys(texts)) {
      if (PROPERTY_NAME.test(name)) continue
      const place = `${path}/contents/${step(language)}/${step(name)}`
      report.breaks({
        code: 'property.name',
        path: place,
        message: 'this cannot be the name of a property',
        clause: '7.1',
      })
    }
  }
}
