import {z} from 'zod'
import {parseInstant} from '../kernel/instant.ts'
import {artifact} from './artifact.ts'
import {IsoInstant, Venue} from './units.ts'

export const QoConfig = artifact({
  id: 'qo@1',
  layer: 0,
  format: 'yaml',
  path: 'configs/qo.yaml',
  summary: 'The workspace: which venue it researches and trades, and its environment modifiers.',
  schema: z.strictObject({
    artifact: z.literal('qo@1'),
    exchange: z
      .enum(['hyperliquid', 'sim', 'binance', 'binance_spot'])
      .describe('venue of research and trading; binance and binance_spot are research only'),
    cloud: z.enum(['none', 'aws']).default('none'),
    engine: z.enum(['qo', 'vectorbt']).default('qo'),
  }),
})
export type QoConfig = z.infer<typeof QoConfig.schema>

/** A source of history without an order path, not even on paper. */
export const isResearchOnly = (exchange: string): boolean => exchange === 'binance' || exchange === 'binance_spot'

export const Vaults = artifact({
  id: 'vaults@1',
  layer: 1,
  format: 'yaml',
  path: 'configs/vaults.yaml',
  summary: 'Sealed out-of-sample windows. The loader hides their rows from every research command.',
  schema: z.strictObject({
    artifact: z.literal('vaults@1'),
    vaults: z.array(
      z
        .strictObject({
          id: z.string().regex(/^V-[A-Za-z0-9-]{1,60}$/, 'expected an id like V-binance-202406'),
          venue: Venue,
          start: IsoInstant,
          end: IsoInstant,
          tier: z.enum(['V0', 'V1', 'V2']),
          policy: z.enum(['keep', 'retire-on-pass']).default('keep'),
        })
        .refine((vault) => vault.start < vault.end, {message: 'start must be before end', path: ['end']}),
    ),
  }),
})
export type Vaults = z.infer<typeof Vaults.schema>
export type Vault = Vaults['vaults'][number]

/** In the state folder: what a deleted or edited vaults.yaml leaves behind on the machine that sealed with it. */
export const VaultMemory = artifact({
  id: 'vault-memory@1',
  layer: 1,
  format: 'json',
  path: 'data/state/vault-windows.json',
  summary: 'Windows that this machine has sealed: a vaults.yaml that seals less is refused against them.',
  schema: z.strictObject({
    artifact: z.literal('vault-memory@1'),
    root: z.string().describe('workspace it speaks of; another one proves nothing'),
    vaults: Vaults.schema.shape.vaults,
    reads: z
      .array(z.strictObject({venue: Venue, until: IsoInstant}))
      .default([])
      .describe('venues that research read when their history was too short for a vault, and how far'),
  }),
})

export type VaultMemory = z.infer<typeof VaultMemory.schema>

/** First instant that research must not see on a venue, epoch ms: Infinity without a vault. */
export const researchEnd = (vaults: readonly Vault[], venue: string): number =>
  Math.min(...vaults.filter((vault) => vault.venue === venue).map(({start}) => parseInstant(start)))

/** Written by a running practice venue; every command that talks to `sim` reads it. */
export const SimEndpoint = artifact({
  id: 'sim-endpoint@1',
  layer: 2,
  format: 'json',
  path: 'data/state/sim.json',
  summary: 'Where the practice venue of this workspace listens.',
  schema: z.strictObject({
    artifact: z.literal('sim-endpoint@1'),
    url: z.url(),
    pid: z.number().int().positive(),
    scenario: z.string(),
    seed: z.number().int(),
    network: z.literal('testnet'),
    weightPerMinute: z.number().int().positive().describe('request weight the venue allows a minute'),
  }),
})
export type SimEndpoint = z.infer<typeof SimEndpoint.schema>

/** Written by a running guard. */
export const GuardEndpoint = artifact({
  id: 'guard-endpoint@1',
  layer: 2,
  format: 'json',
  path: 'data/state/guard.json',
  summary: 'Where the guard of this workspace listens, and for which account it signs.',
  schema: z.strictObject({
    artifact: z.literal('guard-endpoint@1'),
    socket: z.string(),
    pid: z.number().int().positive(),
    account: z.string(),
    agent: z.string(),
    mode: z.enum(['paper', 'testnet', 'live']),
  }),
})
export type GuardEndpoint = z.infer<typeof GuardEndpoint.schema>

/** The last batch in the form CI systems read. Every branch writes it anew, so in git no two branches would merge. */
export const JUNIT_PATH = 'reports/gauntlet/junit.xml'

/** What a workspace keeps out of git: state, data and journals; manifests and reports stay in. */
export const WORKSPACE_IGNORES = `data/state/
data/lake/
data/journal/
data/quarantine/
${JUNIT_PATH}
`
