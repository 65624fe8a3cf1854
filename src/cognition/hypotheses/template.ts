/** Families that `hypothesis new` knows how to begin. */
export const TEMPLATE_FAMILIES = ['trend', 'cross-sectional', 'carry', 'reversal'] as const
export type TemplateFamily = (typeof TEMPLATE_FAMILIES)[number]

interface Template {
  readonly claim: string
  readonly mechanism: string
  readonly minAssets: number
  readonly expressions: string
  readonly construct: string
  readonly neutral: string
  readonly rebalance: string
  readonly params: string
  readonly primary: string
}

const TEMPLATES: Readonly<Record<TemplateFamily, Template>> = {
  trend: {
    claim: 'A coin that rose over the last weeks goes on rising over the next, and one that fell goes on falling.',
    mechanism: 'Say who is on the other side, why they pay, and why they have not stopped.',
    minAssets: 5,
    expressions: `features:
  drift: log_returns(close, $lookback)
  risk: ts_std(log_returns(close, 1), 30)
signal: clip(drift / (risk * sqrt($lookback)), -2, 2)`,
    construct: 'proportional',
    neutral: 'none',
    rebalance: '7d',
    params: '{lookback: [20, 40, 80, 120]}',
    primary: '{lookback: 40}',
  },
  'cross-sectional': {
    claim: 'Coins that beat the others over the last weeks go on beating them over the next week.',
    mechanism: 'Say who is on the other side, why they pay, and why they have not stopped.',
    minAssets: 8,
    expressions: `features:
  past: returns(delay(close, 1), $lookback)
signal: cs_rank(past) - 0.5`,
    construct: 'rank_long_short',
    neutral: 'dollar',
    rebalance: '7d',
    params: '{lookback: [14, 28, 56, 84]}',
    primary: '{lookback: 28}',
  },
  carry: {
    claim: 'Perps whose longs paid the most funding return less, funding included, than those whose longs paid least.',
    mechanism: 'Say who is on the other side, why they pay, and why they have not stopped.',
    minAssets: 8,
    expressions: `features:
  paid: ts_mean(funding, $lookback)
signal: -cs_demean(cs_winsorize(paid, 0.05))`,
    construct: 'proportional',
    neutral: 'dollar',
    rebalance: '3d',
    params: '{lookback: [3, 7, 14, 30]}',
    primary: '{lookback: 7}',
  },
  reversal: {
    claim: 'Coins that fell most against the others over the last days win part of it back within days.',
    mechanism: 'Say who is on the other side, why they pay, and why they have not stopped.',
    minAssets: 8,
    expressions: `features:
  move: returns(close, $lookback) / ts_std(returns(close, 1), 30)
signal: -cs_demean(cs_winsorize(move, 0.05))`,
    construct: 'proportional',
    neutral: 'dollar',
    rebalance: '1d',
    params: '{lookback: [1, 2, 3, 5]}',
    primary: '{lookback: 3}',
  },
}

/** The text of a new hypothesis file: it lints clean, and asks for what only its author can say. */
export function hypothesisTemplate(id: string, family: TemplateFamily): string {
  const {claim, mechanism, minAssets, expressions, construct, neutral, rebalance, params, primary} = TEMPLATES[family]
  return `# yaml-language-server: $schema=../configs/.schema/hypothesis.json
artifact: hypothesis@1
id: ${id}
family: ${family}
author: you
# What will be true of prices, over which horizon, for which coins. State it so that it can be wrong.
claim: "${claim}"
mechanism: "${mechanism}"
# The observation that would make you drop the idea, written before you look.
falsified_by: "HAC t of the net return below 3 in research, or net return after twice the modelled cost not above 0"
universe: {from: selection, min_assets: ${minAssets}}
bar: 1d
${expressions}
portfolio:
  construct: ${construct}
  neutral: ${neutral}
  gross: 1
  max_weight: 0.15
  vol_target_annual: 0.2
  rebalance: ${rebalance}
  no_trade_band: 0.02
# Every point of this grid is a trial that the edge has to pay for; the primary point is the one that is judged.
params: ${params}
primary: ${primary}
capital_usd: 25000
costs: configs/costs.yaml
execution: {urgency: low}
gauntlet: {sr_target: 1.5}
`
}
