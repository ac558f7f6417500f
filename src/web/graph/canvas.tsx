// The drawing on the page, with what steers it beside the keys and the hand.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { t } from '../text/language.ts'
import { Button } from '../ui/button.tsx'
import { relationWord } from '../parts/relations.tsx'
import type { Model } from './model.ts'
import { Stage } from './stage.ts'

export function Canvas({
  model,
  onOpen,
  says,
}: {
  readonly model: Model
  readonly onOpen: (at: number) => void
  readonly says: string
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const open = useRef(onOpen)
  open.current = onOpen
  const [stage, setStage] = useState<Stage>()
  useEffect(() => {
    if (canvas.current === null) return undefined
    const made = new Stage(canvas.current, model, { open: (at) => open.current(at), word: relationWord })
    setStage(made)
    return () => made.end()
  }, [model])
  return (
    <div className="graph-stage">
      <canvas
        ref={canvas}
        className="graph-canvas"
        tabIndex={0}
        role="application"
        aria-roledescription={t('graph.drawing')}
        aria-label={says}
        aria-describedby="graph-keys"
        dir="ltr"
      />
      <p className="graph-keys note" id="graph-keys">
        {t('graph.keys')}
      </p>
      <div className="graph-steer" role="group" aria-label={t('graph.view')}>
        <Button small onClick={() => stage?.zoom(1.25)} aria-label={t('graph.larger')}>
          +
        </Button>
        <Button small onClick={() => stage?.zoom(0.8)} aria-label={t('graph.smaller')}>
          −
        </Button>
        <Button small onClick={() => stage?.fit()}>
          {t('graph.fit')}
        </Button>
        <Button small onClick={() => model.arrange()}>
          {t('graph.arrange')}
        </Button>
      </div>
    </div>
  )
}
