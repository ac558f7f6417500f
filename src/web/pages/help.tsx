// Help: the keys, and the words this program uses, each in one sentence.
import { useEffect, type ReactNode } from 'react'
import { useHead } from '../parts/head.ts'
import { useAddress } from '../router.tsx'
import { t, type Key } from '../text/language.ts'
import { Key as KeyCap } from '../ui/key.tsx'
import { Block, PageHead } from '../ui/region.tsx'

const KEYS: readonly (readonly [keys: readonly string[], word: Key])[] = [
  [['Ctrl', 'K'], 'palette.open'],
  [['/'], 'knowledge.search'],
  [['c'], 'write.title'],
  [['?'], 'help.keys'],
  [['g', 'h'], 'nav.home'],
  [['g', 'w'], 'nav.warnings'],
  [['g', 'k'], 'nav.knowledge'],
  [['g', 'f'], 'nav.federation'],
  [['g', 'p'], 'nav.policy'],
  [['g', 'a'], 'nav.audit'],
  [['g', 's'], 'nav.settings'],
  [['f'], 'list.key'],
  [['j'], 'keys.next'],
  [['k'], 'keys.previous'],
  [['i'], 'warnings.pickOpen'],
  [['a'], 'warning.acknowledge'],
  [['s'], 'warning.assign'],
  [['m'], 'warning.mute'],
  [['x'], 'warning.close'],
  [['p'], 'print'],
]

const WORDS = [
  'member',
  'node',
  'peer',
  'community',
  'record',
  'statement',
  'log',
  'leaf',
  'checkpoint',
  'witness',
  'evidence',
  'marking',
  'collection',
  'share',
  'delivery',
  'quarantine',
  'watchList',
  'warning',
] as const

export function HelpPage(): ReactNode {
  const { hash } = useAddress()
  useHead(t('nav.help'), [{ text: t('nav.help') }])
  useEffect(() => document.getElementById(hash)?.scrollIntoView(), [hash])
  return (
    <>
      <PageHead title={t('nav.help')} lead={t('help.lead')} />
      <div className="cols">
        <Block title={t('help.words')}>
          <dl className="words">
            {WORDS.map((word) => (
              <div key={word} id={word}>
                <dt>{t(`term.${word}`)}</dt>
                <dd>{t(`meaning.${word}`)}</dd>
              </div>
            ))}
          </dl>
        </Block>
        <Block id="keys" title={t('help.keys')}>
          <dl className="keys">
            {KEYS.map(([keys, word]) => (
              <div key={word}>
                <dt>
                  {keys.map((key) => (
                    <KeyCap key={key}>{key.length === 1 ? key.toUpperCase() : key}</KeyCap>
                  ))}
                  <span className="sr">{keys.join(' ')}</span>
                </dt>
                <dd>{t(word)}</dd>
              </div>
            ))}
          </dl>
          <p className="small faint">{t('help.cli')}</p>
        </Block>
      </div>
    </>
  )
}
