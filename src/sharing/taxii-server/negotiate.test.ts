import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acceptsTaxii, isTaxiiContent } from './negotiate.ts'

test('Accept fits where any range of it does', () => {
  for (const header of [
    undefined,
    '',
    'application/taxii+json; version=2.1',
    'APPLICATION/TAXII+JSON;VERSION="2.1"',
    'application/taxii+json',
    'application/taxii+json;version=2.0, application/taxii+json;version=2.1;q=0.5',
    'text/html,application/xhtml+xml,*/*;q=0.1',
    'application/json, text/plain, */*',
  ])
    assert.equal(acceptsTaxii(header), true, String(header))
  for (const header of ['text/html', 'application/taxii+json;version=2.0', '*/*;q=0', ';;,,', 'application/taxii'])
    assert.equal(acceptsTaxii(header), false, String(header))
})

test('Content-Type is read as a media type, not as a text', () => {
  for (const header of ['application/taxii+json;version=2.1', 'Application/Taxii+Json ; version="2.1" ; charset=utf-8'])
    assert.equal(isTaxiiContent(header), true, String(header))
  for (const header of [undefined, '', 'application/json', 'application/taxii+json;version=2.0', '*/*'])
    assert.equal(isTaxiiContent(header), false, String(header))
})

test('no header makes reading it fail', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      acceptsTaxii(header)
      isTaxiiContent(header)
    }),
  )
})
