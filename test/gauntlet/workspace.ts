import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openDesk} from '../../src/cli/open-desk.ts'
import type {Desk} from '../../src/desk.ts'
import {init} from '../../src/operations/init.ts'
import {ingestMarket, marketOf} from '../corpus/market.ts'
import {smallMarket} from './small-market.ts'

export const AS_OF = '2024-01-15T00:00:00Z'

/** A desk on a workspace of its own; opened anew, it is what the next command would see. */
export const deskAt = (root: string): Promise<Desk> =>
  openDesk({root, asOf: AS_OF, dryRun: false, quiet: true, needsWorkspace: false})

/** `qo init --exchange sim`, without the shipped hypotheses, with the given market in the lake. */
export async function workspace(
  market: Parameters<typeof smallMarket>[0] | null,
  {survivor = false}: {survivor?: boolean} = {},
): Promise<{root: string; remove: () => void}> {
  const root = mkdtempSync(join(tmpdir(), 'qo-gauntlet-'))
  const desk = await deskAt(root)
  await init(desk, {exchange: 'sim'})
  const config = readFileSync(join(root, 'configs/gauntlet.yaml'), 'utf8')
  // Fewer repetitions of the audit and of the permutations, whose threshold so few cannot reach; the rest ships so.
  const fewer = config
    .replace('cuts: 200', 'cuts: 40')
    .replace('max_permutation_p: 0.01 ', 'max_permutation_p: 0.05 ')
    .replace('permutations: 1000 ', 'permutations: 70 ')
  writeFileSync(join(root, 'configs/gauntlet.yaml'), fewer)
  for (const file of await desk.files.list('hypotheses')) await rm(join(root, 'hypotheses', file), {recursive: true})
  if (market) await ingest(root, market, survivor)
  return {root, remove: () => rmSync(root, {recursive: true, force: true})}
}

/** Bring a market into the lake; a longer one of the same seed begins with the shorter one. */
export async function ingest(root: string, market: Parameters<typeof smallMarket>[0], survivor = false): Promise<void> {
  await ingestMarket(root, {...marketOf(smallMarket(market)), survivor}, AS_OF)
}

/** The text of a hypothesis file whose volume signal the small market obeys. */
export const ideaText = (id: string, over: Record<string, string> = {}): string => {
  const fields = {
    artifact: 'hypothesis@1',
    id,
    family: id,
    author: 'test',
    claim: 'Coins whose volume stays high go on rising.',
    mechanism: 'The market of this test was made that way.',
    falsified_by: 'Coins whose volume stays high do not go on rising.',
    universe: '{from: selection, min_assets: 4}',
    bar: '1d',
    signal: 'ts_mean(log(volume), $n)',
    portfolio: '{construct: rank_long_short, neutral: dollar, gross: 1, max_weight: 0.2, rebalance: 1d}',
    params: '{n: [1, 2, 3]}',
    primary: '{n: 2}',
    capital_usd: '25000',
    ...over,
  }
  return `${Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n')}\n`
}
