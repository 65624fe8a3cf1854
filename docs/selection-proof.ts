import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {openDesk} from '../src/cli/open-desk.ts'
import type {Desk} from '../src/desk.ts'
import {Fault} from '../src/kernel/fault.ts'
import {ingestFile} from '../src/operations/ingest-file.ts'
import {init} from '../src/operations/init.ts'
import {explainer, type SelectExplanation} from '../src/operations/select-explain.ts'
import {selectOffsetTest, selectSurvivorship} from '../src/operations/select-studies.ts'
import {decayErrorRates} from '../src/selection/decay-error-rates.ts'

/** A set of real candles and the rule that ranks it. */
interface RealSet {
  readonly path: string
  readonly venue: 'binance' | 'hyperliquid'
  readonly interval: '1d' | '1h'
  readonly title: string
  readonly caveat: string
  /** put into the shipped configs/selection.yaml */
  readonly rule: string
}

const NO_MONEY = [
  ...['*UPUSDT', '*DOWNUSDT', '*BULLUSDT', '*BEARUSDT', 'USDC*', 'BUSD*', 'TUSD*', 'PAX*', 'USDP*', 'SUSD*', 'UST*'],
  ...['DAI*', 'EUR*', 'GBP*', 'AUD*'],
]

export const SETS = {
  spot: {
    path: 'binance_spot_1d_2021_2022/binance_spot_1d.parquet',
    venue: 'binance',
    interval: '1d',
    title: 'Binance spot, daily, 2021-01 to 2022-09',
    caveat: '203 pairs followed whether they collapsed or not: close to a point-in-time list. The set to believe.',
    rule: `top: 30\nuniverse: {quote: USDT, exclude: [${NO_MONEY.map((name) => `'${name}'`).join(', ')}]}`,
  },
  perps: {
    path: 'binance_perp_1d/binance_perp_1d.parquet',
    venue: 'binance',
    interval: '1d',
    title: 'Binance perpetuals, daily, 2020-01 to 2026-06',
    caveat:
      'The list is what somebody traded in 2026 and three zombies: nearly all of its dead are missing, so the premium shown is a floor, not an estimate.',
    rule: 'top: 30',
  },
  hyperliquid: {
    path: 'hl_perp_1h/hl_perp_1h.parquet',
    venue: 'hyperliquid',
    interval: '1h',
    title: 'Hyperliquid perpetuals, hourly, 2024-09 to 2025-07',
    caveat: 'Seven contracts were delisted in April 2025; who was delisted before the recording began is missing.',
    rule: 'top: 30',
  },
  prelisting: {
    path: 'hl_perp_1d/hl_perp_1d.parquet',
    venue: 'hyperliquid',
    interval: '1d',
    title: 'Hyperliquid perpetuals, daily, back-filled to 2020',
    caveat: 'Bars before 2023-02-26 have no volume: the venue did not exist.',
    rule: 'top: 30',
  },
} as const satisfies Record<string, RealSet>
export type SetName = keyof typeof SETS

/** Path of a set's file beside the checkout, or null when it is not there. */
export type Locate = (path: string) => string | null

/** A workspace of its own with one set in its lake; `close` throws it away. */
export async function realWorkspace(name: SetName, file: string) {
  const set: RealSet = SETS[name]
  const root = mkdtempSync(join(tmpdir(), 'qo-selection-'))
  const open = (asOf?: string): Promise<Desk> =>
    openDesk({root, asOf, dryRun: false, quiet: true, needsWorkspace: false})
  await init(await open(), {exchange: set.venue})
  const config = join(root, 'configs/selection.yaml')
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^top: \d+$/m, set.rule))
  // Nobody will ever judge an idea here, so the vault that a study asks for holds none of these rows.
  writeFileSync(join(root, 'configs/vaults.yaml'), emptyVault(set.venue))
  await ingestFile(await open(), {
    ...{path: file, shape: 'ohlcv', venue: set.venue, interval: set.interval, coin: null, map: {}, zone: null},
    ...{unit: 'ms', maxBad: 0, completeFrom: null, survivor: false},
  })
  return {root, open, close: () => rmSync(root, {recursive: true, force: true})}
}

/** A vault behind everything that a set of the past can hold: whoever looks first makes no other. */
export const emptyVault = (venue: string): string =>
  `artifact: vaults@1\nvaults: [{id: V-none, venue: ${venue}, start: 2099-01-01T00:00:00.000Z, end: 2099-02-01T00:00:00.000Z, tier: V0}]\n`

const DECAY_RUNS = 40

/** What has to be true of real assets at real dates. */
export interface Claim {
  readonly set: SetName
  readonly coin: string
  readonly asOf: string
  readonly claim: string
  readonly holds: (found: SelectExplanation | null) => boolean
}

const rankable = (found: SelectExplanation | null): boolean => found !== null && found.rank !== null
const dead =
  (lastTrade: string) =>
  (found: SelectExplanation | null): boolean =>
    found?.reason?.reason === 'dead' && found.lastTrade === lastTrade && !found.selected
const absent = (found: SelectExplanation | null): boolean => found === null || found.standing === 'unborn'

const DELISTED = ['AI', 'BADGER', 'BNT', 'HPOS', 'ILV', 'NTRN', 'RLB']

export const CLAIMS: readonly Claim[] = [
  {set: 'perps', coin: 'FTTUSDT', asOf: '2022-11-01', claim: 'is ranked', holds: rankable},
  {
    set: 'perps',
    coin: 'FTTUSDT',
    asOf: '2022-11-20',
    claim: 'is dead, last trade 2022-11-14',
    holds: dead('2022-11-14'),
  },
  {set: 'perps', coin: 'WAVESUSDT', asOf: '2024-06-11', claim: 'is ranked', holds: rankable},
  {
    set: 'perps',
    coin: 'WAVESUSDT',
    asOf: '2024-06-15',
    claim: 'is dead, last trade 2024-06-11',
    holds: dead('2024-06-11'),
  },
  {set: 'spot', coin: 'LUNAUSDT', asOf: '2022-05-06', claim: 'is ranked', holds: rankable},
  {set: 'spot', coin: 'LUNAUSDT#2', asOf: '2022-05-30', claim: 'does not exist', holds: absent},
  {
    set: 'spot',
    coin: 'LUNAUSDT#2',
    asOf: '2022-06-10',
    claim: 'has a history of its own, days old',
    holds: (found) => found?.reason?.reason === 'history_days' && (found.reason.value ?? 99) <= 10,
  },
  ...DELISTED.map(
    (coin): Claim => ({
      ...{set: 'hyperliquid', coin, asOf: '2025-04-20', claim: 'has left'},
      holds: (found) => found?.reason?.reason === 'dead' && !found.selected,
    }),
  ),
  {
    set: 'prelisting',
    coin: 'BTC',
    asOf: '2023-02-20',
    claim: 'has not been listed, whatever bars there are',
    holds: (found) => found?.reason?.reason === 'prelisting' && found.lastTrade === null,
  },
  {
    set: 'prelisting',
    coin: 'BTC',
    asOf: '2023-03-08',
    claim: 'has days of history, not years',
    holds: (found) => found?.reason?.reason === 'history_days' && (found.reason.value ?? 999) <= 10,
  },
]

export interface Checked extends Claim {
  readonly found: SelectExplanation | null
  readonly held: boolean
}

/** Ask the program about every claim on one set. */
export async function checkClaims(name: SetName, open: (asOf: string) => Promise<Desk>): Promise<Checked[]> {
  const mine = CLAIMS.filter(({set}) => set === name)
  const checked: Checked[] = []
  for (const asOf of new Set(mine.map((claim) => claim.asOf))) {
    const explain = await explainer(await open(`${asOf}T00:00:00Z`))
    for (const claim of mine.filter((one) => one.asOf === asOf)) {
      const found = explained(explain, claim.coin)
      checked.push({...claim, found, held: claim.holds(found)})
    }
  }
  return checked
}

/** Null for a name that the lake does not have by then. */
function explained(explain: (coin: string) => SelectExplanation, coin: string): SelectExplanation | null {
  try {
    return explain(coin)
  } catch (error) {
    if (error instanceof Fault && error.code === 'selection.unknown_asset') return null
    throw error
  }
}

/**
 * The text of reports/selection/proof.md and its pictures, by file name.
 *
 * Each set is imported into a workspace that is thrown away; nothing of the data enters the repository but these tables.
 */
export async function selectionProof(locate: Locate): Promise<Map<string, string>> {
  const checked: Checked[] = []
  const sections: string[] = []
  const files = new Map<string, string>()
  for (const name of Object.keys(SETS) as SetName[]) {
    const file = locate(SETS[name].path)
    if (file === null) throw new Error(`${SETS[name].path} is not there`)
    const {root, open, close} = await realWorkspace(name, file)
    try {
      checked.push(...(await checkClaims(name, open)))
      if (name === 'prelisting') continue
      await selectSurvivorship(await open())
      await selectOffsetTest(await open(), null)
      const page = (study: string): string => readFileSync(join(root, `reports/selection/${study}.md`), 'utf8')
      sections.push(`## ${SETS[name].title}`, '', SETS[name].caveat, '')
      for (const study of ['survivorship', 'offset-test']) {
        files.set(`${study}-${name}.svg`, readFileSync(join(root, `reports/selection/${study}.svg`), 'utf8'))
        sections.push(bodyOf(page(study)).replaceAll(`${study}.svg`, `${study}-${name}.svg`), '')
      }
    } finally {
      close()
    }
  }
  sections.push(...decaySection(), '')
  files.set('proof.md', pageOf(checked, sections))
  return files
}

/** Error rates of the decay rule on planted series. */
function decaySection(): string[] {
  const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`)
  const rates = decayErrorRates(DECAY_RUNS)
  return [
    '## How often the decay rule is wrong',
    '',
    `Planted daily coefficients of unit variance, 20 assets over four years, window 180 days, rate 10 %, ${DECAY_RUNS} runs each. What decays does so from the middle on with a half-life of 60 days. False discoveries are counted per decision, one per window; a decision that excludes nobody counts as none.`,
    '',
    '| planted | coefficient | correlated | false discoveries | stable assets out | decayed found by the end | after, days | weight left, decayed | weight left, stable |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...rates.map(
      ({name, edge, common, falseDiscoveryRate, wronglyOut, found, delayDays, shrinkDecaying, shrinkStable}) =>
        `| ${name} | ${edge} | ${common} | ${percent(falseDiscoveryRate)} | ${percent(wronglyOut)} of the time | ${percent(found)} | ${Number.isNaN(delayDays) ? '–' : delayDays.toFixed(0)} | ${percent(shrinkDecaying)} | ${percent(shrinkStable)} |`,
    ),
    '',
    'Read the typical row first: with a coefficient of 0.03 nobody can tell in two years which single asset has lost it, and the rule does not pretend to. It finds large edges that go, and small ones only when a whole family goes. Stable weights below 100 % are the price of shrinking first: half of the noise points down.',
  ]
}

/** A page without its front matter, its title one level down. */
const bodyOf = (page: string): string =>
  page
    .replace(/^---\n[\s\S]*?\n---\n+/, '')
    .replace(/^# /m, '### ')
    .trimEnd()

const RESULT = (found: SelectExplanation | null): string => {
  if (found === null) return 'not in the lake'
  const {selected, reason, rank, lastTrade} = found
  const number = reason?.value === null || reason?.reason === 'rank' ? '' : ` ${reason?.value}`
  const why = selected ? 'selected' : reason!.reason === 'rank' ? 'not selected' : `${reason!.reason}${number}`
  return `${why}${rank === null ? '' : `, rank ${rank}`}${lastTrade === null ? '' : `, last trade ${lastTrade}`}`
}

const pageOf = (checked: readonly Checked[], sections: readonly string[]): string => `---
artifact: selection-proof@1
---

# Selection on real data: what is shown, and what hindsight is worth

Generated by \`docs/selection-proof.ts\`; not edited by hand. ${checked.filter(({held}) => held).length} of ${checked.length} claims hold.

| asset | as of | has to be | found | holds |
|---|---|---|---|---|
${checked
  .map(
    ({set, coin, asOf, claim, found, held}) =>
      `| ${SETS[set].venue}:${coin} | ${asOf} | ${claim} | ${RESULT(found)} | ${held ? 'yes' : '**NO**'} |`,
  )
  .join('\n')}

The rule is the shipped \`configs/selection.yaml\` with a list of 30. Returns are of equal weights before costs and compare lists with one another; none of them is a claim about a market.

${sections.join('\n')}
## The same in a workspace of your own

\`\`\`
qo ingest file PATH --as ohlcv --venue binance --interval 1d
qo select --survivorship
qo select --offset-test
qo select explain FTTUSDT --as-of 2022-11-20T00:00:00Z
\`\`\`
`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv
  if (folder === undefined) {
    console.error('usage: node --import tsx docs/selection-proof.ts FOLDER-OF-THE-SETS')
    process.exit(2)
  }
  const target = fileURLToPath(new URL('../reports/selection/', import.meta.url))
  const {mkdirSync} = await import('node:fs')
  mkdirSync(target, {recursive: true})
  for (const [name, text] of await selectionProof((path) => join(resolve(folder), path)))
    writeFileSync(join(target, name), text)
}
