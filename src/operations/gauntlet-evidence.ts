import {Vaults} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import type {Member} from './gauntlet-batch.ts'

/**
 * Everything the verdicts of a batch rest on, whoever wrote it: hypotheses, configs, vaults, ledger, stored returns and reports.
 *
 * `--commit` records it together, so that a tree is clean after it and `unseal` may ask what history says, even when
 * this run only returned stored verdicts or the hypothesis file was never committed by hand.
 */
export async function claimEvidence(desk: Desk, batch: readonly Member[]): Promise<void> {
  const ledger = (await desk.files.list('hypotheses/ledger')).map((name) => `hypotheses/ledger/${name}`)
  const returns = (await desk.files.list('hypotheses/returns')).map((name) => `hypotheses/returns/${name}`)
  const configs = (await desk.files.list('configs'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `configs/${name}`)
  const reports = await Promise.all(
    batch.map(async ({hypothesis: {id}}) => {
      const folder = `reports/gauntlet/${id}`
      return (await desk.files.list(folder)).map((name) => `${folder}/${name}`)
    }),
  )
  const inputs = batch.flatMap((member) => Object.keys(member.inputs))
  await desk.files.claim([...inputs, ...configs, Vaults.path, ...ledger, ...returns, ...reports.flat()])
}
