// Where the console begins: the language, the theme, the session, then the page that the address names.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
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
import { loadTypefaces } from './parts/typefaces.ts'
import { preferredLanguage, speak } from './text/language.ts'

applyTheme()
const place = document.getElementById('root')
if (place === null) throw new Error('the page has no place for the console')
// Without them the page is what it is; a failure of its code is told where the page is shown.
loadTypefaces(Promise.all([loadSession(), fetchAhead(location.pathname)])).catch(() => {})
await speak(preferredLanguage())
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
