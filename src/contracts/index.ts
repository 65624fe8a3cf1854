import type {Artifact, Table} from './artifact.ts'
import {Hypothesis} from './hypothesis.ts'
import {Candles, Features, Funding, SelectionHistory, Universe} from './market.ts'
import {HaltRecord, RiskCheckReport, RiskLimits} from './risk.ts'
import {SelectedAssets, SelectionConfig} from './selection.ts'
import {GuardEndpoint, QoConfig, SimEndpoint, Vaults} from './workspace.ts'

/** Every declared file, once: an explicit list, not registration by side effect. */
export const ARTIFACTS: readonly Artifact[] = [
  QoConfig,
  Vaults,
  SelectionConfig,
  SelectedAssets,
  Hypothesis,
  RiskLimits,
  RiskCheckReport,
  HaltRecord,
  SimEndpoint,
  GuardEndpoint,
]

export const TABLES: readonly Table[] = [Candles, Funding, Universe, Features, SelectionHistory]
