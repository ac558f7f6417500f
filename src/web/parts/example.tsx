// As long as the example is here: what to look at in it, how a warning comes about, which it never causes itself, and the
// way to be rid of it.
import type { ReactNode } from 'react'
import type { EXAMPLE_CAMPAIGN, ExampleGoneView } from '#src/example/wire.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { to } from '../paths.ts'
import { go, Link } from '../router.tsx'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { confirmDone } from '../ui/layer.tsx'
import { Pane } from '../ui/region.tsx'
import { ConfirmButton } from './confirm.tsx'
import { Exercise } from './marking.tsx'
import { useHome } from './needs.ts'
import { useRight } from './session.ts'
import { Way } from './way.tsx'

const CAMPAIGN: typeof EXAMPLE_CAMPAIGN = 'campaign--2fde68f7-c660-4739-bd14-777720ee20b0'

/** What the example changes where it comes and where it goes. */
export const exampleChanged = (): void => changed('/search', '/records/', '/collections', '/home', '/audit')

export function Example(): ReactNode {
  const n = useHome().value?.example
  if (n === undefined) return null
  return (
    <Pane title={t('example.title')} end={<Exercise />}>
      <div className="pane-body">
        <ul className="ways ways--free">
          <Way title={t('ways.look')} why={t('example.lookWhy', { n })}>
            <ul className="plain-list">
              {[
                [to.record(CAMPAIGN), t('example.campaign')] as const,
                [to.graph([CAMPAIGN]), t('example.graph')] as const,
                [to.timeline(CAMPAIGN), t('example.timeline')] as const,
                [to.knowledge({ collection: 'example' }), t('example.all')] as const,
              ].map(([address, name]) => (
                <li key={address}>
                  <Link className="link" to={address}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </Way>
          <Way title={t('example.warning')} why={t('example.warningWhy')}>
            <Button onClick={() => go(to.watch())}>{t('watch.title')}</Button>
          </Way>
          <Way title={t('example.enough')} why={t('example.enoughWhy')}>
            <Remove n={n} />
          </Way>
        </ul>
      </div>
    </Pane>
  )
}

function Remove({ n }: { readonly n: number }): ReactNode {
  const mayAdminister = useRight('administer')
  if (!mayAdminister) return <Button whyNot={t('ways.administrators')}>{t('example.remove')}</Button>
  return (
    <ConfirmButton
      verb={t('example.remove')}
      title={t('example.removing')}
      why={t('example.removeWhy', { n })}
      act={async () => {
        const { kept } = await send<ExampleGoneView>('DELETE', '/example')
        confirmDone(t(kept === true ? 'takeBack.kept' : 'example.removed'))
        exampleChanged()
      }}
    />
  )
}
