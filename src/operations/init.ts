import {QoConfig, WORKSPACE_IGNORES} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'

export interface InitOptions {
  readonly exchange?: QoConfig['exchange']
  readonly cloud?: QoConfig['cloud']
  readonly engine?: QoConfig['engine']
}

export interface InitResult {
  readonly artifact: 'init@1'
  readonly ok: boolean
  readonly root: string
  readonly exchange: string
  readonly written: readonly string[]
  readonly kept: readonly string[]
  readonly repository: 'made' | 'there' | 'none'
}

/** Four honest ideas of different families: a new workspace starts with something to judge. */
const SHIPPED_HYPOTHESES = ['trend', 'cross-sectional-momentum', 'funding-carry', 'short-term-reversal']

/**
 * Make a workspace in `desk.root`: default configs, the shipped hypotheses, a git repository with a first commit when the
 * folder is in none. What exists is kept as it is.
 */
export async function init(desk: Desk, {exchange, cloud, engine}: InitOptions): Promise<InitResult> {
  const written: string[] = []
  const kept: string[] = []
  const leave = async (path: string, text: string): Promise<void> => {
    if (await desk.files.exists(path)) kept.push(path)
    else {
      await desk.files.writeText(path, text)
      written.push(path)
    }
  }
  const config = {
    artifact: 'qo@1',
    exchange: exchange ?? 'hyperliquid',
    cloud: cloud ?? 'none',
    engine: engine ?? 'qo',
  } as const
  if (await desk.files.exists(QoConfig.path)) kept.push(QoConfig.path)
  else {
    await desk.files.write(QoConfig, config)
    written.push(QoConfig.path)
  }
  for (const path of await shippedConfigs(desk)) await leave(path, await desk.shipped.readText(path))
  for (const id of SHIPPED_HYPOTHESES) {
    const path = `hypotheses/${id}.yaml`
    await leave(path, await desk.shipped.readText(path))
  }
  await leave('.gitignore', WORKSPACE_IGNORES)
  const made = await desk.git.init()
  if (made) await desk.git.commit(written, 'Make a qo workspace')
  const repository = made ? 'made' : (await desk.git.head()) === null ? 'none' : 'there'
  return {artifact: 'init@1', ok: true, root: desk.root, exchange: config.exchange, written, kept, repository}
}

/** Every config qo ships, but the two that belong to a workspace of its own. */
async function shippedConfigs(desk: Desk): Promise<string[]> {
  const own = new Set(['configs/qo.yaml', 'configs/selected_assets.yaml'])
  const paths: string[] = []
  for (const folder of ['configs', 'configs/features', 'configs/.schema']) {
    for (const name of await desk.shipped.list(folder)) {
      if (/\.(yaml|json)$/.test(name) && !own.has(`${folder}/${name}`)) paths.push(`${folder}/${name}`)
    }
  }
  return paths
}
