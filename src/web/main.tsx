// Where the console begins: the language, the theme, the session, then the page that the address names.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import './style/parts.css'
import './style/pages.css'
import './style/draw.css'
import './style/media.css'
import { App, fetchAhead } from './app.tsx'
import { loadSession } from './parts/session.ts'
import { applyTheme } from './parts/theme.ts'
import { preferredLanguage, speak } from './text/language.ts'

applyTheme()
const place = document.getElementById('root')
if (place === null) throw new Error('the page has no place for the console')
void loadSession()
fetchAhead(location.pathname)
await speak(preferredLanguage())
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
