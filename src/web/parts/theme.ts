// Light or dark: the system's choice until a person makes one.

const STORED = 'comity.theme'

export function applyTheme(): void {
  const stored = localStorage.getItem(STORED)
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset['theme'] = stored
  else delete document.documentElement.dataset['theme']
}

export function setTheme(theme: 'light' | 'dark' | 'system'): void {
  if (theme === 'system') localStorage.removeItem(STORED)
  else localStorage.setItem(STORED, theme)
  applyTheme()
}

export function chosenTheme(): 'light' | 'dark' | 'system' {
  const stored = localStorage.getItem(STORED)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

export function toggleTheme(): void {
  const chosen = document.documentElement.dataset['theme']
  const dark = chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark'
  setTheme(dark ? 'light' : 'dark')
}
