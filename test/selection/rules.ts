import {readFileSync} from 'node:fs'
import {Costs} from '../../src/contracts/costs.ts'
import {SelectionConfig} from '../../src/contracts/selection.ts'
import {parseArtifact} from '../../src/io/files.ts'

export const costs = parseArtifact(
  Costs,
  'configs/costs.yaml',
  readFileSync(new URL('../../configs/costs.yaml', import.meta.url), 'utf8'),
)

const RULE = {
  artifact: 'selection@1',
  screens: {
    lookback_days: 10,
    min_history_days: 10,
    min_median_daily_notional_usd: 1_000_000,
    max_stale_share: 0.2,
    max_gap_share: 0.2,
  },
  score: {liquidity: {weight: 1, direction: 'higher', lookback_days: 10, transform: 'rank'}},
  rebalance: {every_days: 7, anchor: '2020-01-06', buffer: 0, min_hold_days: 0},
  capital_usd: 10_000,
  volatility_band: {low: 0.4, high: 1.2},
  top: 2,
} as const

type Changes = {readonly [key: string]: unknown; readonly screens?: object; readonly rebalance?: object}

/** A small rule, its defaults filled in; `screens` and `rebalance` are merged, every other key is replaced. */
export const ruleOf = ({screens, rebalance, ...rest}: Changes = {}): SelectionConfig =>
  SelectionConfig.schema.parse({
    ...RULE,
    ...rest,
    screens: {...RULE.screens, ...screens},
    rebalance: {...RULE.rebalance, ...rebalance},
  })
