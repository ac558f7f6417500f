// What people work a page with: a pointer, or the keyboard alone.
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

export type Hands = {
  /** A button or a link. */
  readonly press: (what: Locator) => Promise<void>
  readonly fill: (field: Locator, value: string) => Promise<void>
  /** A box, or one of several that exclude each other. */
  readonly check: (box: Locator) => Promise<void>
  /** One of a list, by what it is called there. */
  readonly choose: (list: Locator, option: string) => Promise<void>
}

export const pointer: Hands = {
  press: (what) => what.click(),
  fill: (field, value) => field.fill(value),
  check: (box) => box.check(),
  choose: async (list, option) => void (await list.selectOption({ label: option })),
}

const TABS_MAX = 80

/** Nothing but keys: whatever is not on the way of the Tab key is not found. */
export const keyboard: Hands = {
  press: async (what) => {
    await reach(what)
    await what.page().keyboard.press('Enter')
  },
  fill: async (field, value) => {
    await reach(field)
    await field.page().keyboard.press('ControlOrMeta+a')
    await field.page().keyboard.insertText(value)
  },
  check: async (box) => {
    const page = box.page()
    if ((await box.getAttribute('type')) !== 'radio') {
      await reach(box)
      return page.keyboard.press('Space')
    }
    // Tab stops once at those that exclude each other; arrows go from one to the next.
    await reach(page.locator(`input[name="${await box.getAttribute('name')}"]`))
    await page.keyboard.press('Space')
    for (let step = 0; step < 10 && !(await box.isChecked()); step += 1) await page.keyboard.press('ArrowDown')
    assert.ok(await box.isChecked(), 'arrows lead to every choice')
  },
  choose: async (list, option) => {
    await reach(list)
    await list.page().keyboard.type(option)
    assert.equal(await list.locator('option:checked').innerText(), option)
  },
}

/** Goes on with Tab until one of these has the focus, and sees that it shows it. */
async function reach(what: Locator): Promise<void> {
  await what.first().waitFor()
  const { keyboard: keys } = what.page()
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await hasFocus(what)) return assert.ok(await showsFocus(what.page()), `${what} has the focus and shows it`)
    await keys.press('Tab')
  }
  assert.fail(`${what} is not reached with ${TABS_MAX} presses of Tab`)
}

/** As much of an element as the tests, which know no page, look at. */
type Shown = { readonly matches: (selector: string) => boolean }

const hasFocus = (what: Locator): Promise<boolean> =>
  what.evaluateAll((all) => all.some((each) => (each as unknown as Shown).matches(':focus')))

const showsFocus = (page: Page): Promise<boolean> =>
  page.evaluate(`(() => {
    const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement)
    return outlineStyle !== 'none' || boxShadow !== 'none'
  })()`)
