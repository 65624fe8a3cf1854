import type {Artifact, Table} from './artifact.ts'
import {Backtest} from './backtest.ts'
import {BookConfig} from './book.ts'
import {Costs} from './costs.ts'
import {ExecutionConfig} from './execution.ts'
import {FeatureManifest, FeatureSet} from './features.ts'
import {FeaturesReport} from './features-report.ts'
import {ForwardRecord} from './forward.ts'
import {GauntletConfig, GauntletUnseal, GauntletVerdict} from './gauntlet.ts'
import {Hypothesis} from './hypothesis.ts'
import {HypothesisImport} from './hypothesis-import.ts'
import {IngestConfig, IngestMemory} from './ingest.ts'
import {LakeCommitEntry, LakeCuts, LakeManifest, RepairPlan} from './lake.ts'
import {LedgerEntry, LedgerMemory} from './ledger.ts'
import {
  AssetCtx,
  Bbo,
  Book,
  Candles,
  Features,
  Funding,
  Restrictions,
  SelectionHistory,
  Trades,
  Universe,
} from './market.ts'
import {GauntletPower} from './power.ts'
import {ResearchReturns} from './returns.ts'
import {HaltRecord, RiskCheckReport, RiskLimits} from './risk.ts'
import {AuditHeads, RitualRecord, RitualsConfig} from './rituals.ts'
import {SelectedAssets, SelectionConfig} from './selection.ts'
import {SimHistory} from './venue.ts'
import {GuardEndpoint, QoConfig, SimEndpoint, VaultMemory, Vaults} from './workspace.ts'

/** Every declared file, once: an explicit list, not registration by side effect. */
export const ARTIFACTS: readonly Artifact[] = [
  QoConfig,
  Vaults,
  IngestConfig,
  IngestMemory,
  LakeCommitEntry,
  LakeManifest,
  LakeCuts,
  RepairPlan,
  SelectionConfig,
  SelectedAssets,
  Hypothesis,
  HypothesisImport,
  Costs,
  Backtest,
  FeatureSet,
  FeatureManifest,
  FeaturesReport,
  GauntletConfig,
  GauntletVerdict,
  GauntletUnseal,
  GauntletPower,
  ForwardRecord,
  LedgerEntry,
  LedgerMemory,
  VaultMemory,
  ResearchReturns,
  BookConfig,
  ExecutionConfig,
  RiskLimits,
  RiskCheckReport,
  HaltRecord,
  RitualsConfig,
  RitualRecord,
  AuditHeads,
  SimEndpoint,
  SimHistory,
  GuardEndpoint,
]

export const TABLES: readonly Table[] = [
  Candles,
  Funding,
  Universe,
  Restrictions,
  Trades,
  Bbo,
  Book,
  AssetCtx,
  Features,
  SelectionHistory,
]
