import {OPERATORS} from '../cognition/features/operators/index.ts'
import type {Operator} from '../cognition/features/operators/operator.ts'
import {FeatureManifest, FeatureSet, INPUT_TABLE} from '../contracts/features.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {Desk} from '../desk.ts'
import {hypothesisPaths} from './ledger-git.ts'

export interface FeatureCatalogue {
  readonly artifact: 'feature-catalogue@1'
  readonly ok: true
  readonly operators: readonly {name: string; signature: string; family: string; summary: string}[]
  readonly inputs: readonly {name: string; table: string}[]
  /** features of hypotheses and named sets, with the identity of their newest stored values */
  readonly features: readonly {name: string; source: string; expression: string; feature: string | null}[]
}

const LETTER = {any: 'x', series: 'x', window: 'n', number: 'q', interval: '"1d"', asset: '"BTC"'} as const

/** Everything an expression may say, and every feature that a file of the workspace says already. */
export async function featuresList(desk: Desk): Promise<FeatureCatalogue> {
  const features: FeatureCatalogue['features'][number][] = []
  for (const path of await hypothesisPaths(desk)) {
    const {features: named, signal} = await desk.files.read(Hypothesis, path)
    features.push(...(await described(desk, path, {...named, signal})))
  }
  for (const name of (await desk.files.list('configs/features')).filter((file) => file.endsWith('.yaml'))) {
    const path = `configs/features/${name}`
    features.push(...(await described(desk, path, (await desk.files.read(FeatureSet, path)).features)))
  }
  return {
    artifact: 'feature-catalogue@1',
    ok: true,
    operators: Object.entries(OPERATORS).map(([name, operator]: [string, Operator]) => ({
      name,
      signature: signatureOf(name, operator),
      family: operator.family,
      summary: operator.summary,
    })),
    inputs: Object.entries(INPUT_TABLE).map(([name, table]) => ({name, table})),
    features,
  }
}

function signatureOf(name: string, {args, rest}: Operator): string {
  return `${name}(${[...args.map((kind) => LETTER[kind]), ...(rest ? ['…'] : [])].join(', ')})`
}

async function described(
  desk: Desk,
  source: string,
  texts: Readonly<Record<string, string>>,
): Promise<FeatureCatalogue['features'][number][]> {
  const id = /([^/]+)\.yaml$/.exec(source)?.[1] ?? source
  const path = `data/manifests/features/${id}.json`
  const stored = (await desk.files.exists(path)) ? (await desk.files.read(FeatureManifest, path)).features : []
  return Object.entries(texts).map(([name, expression]) => {
    const known = stored.find((item) => item.name === name && item.expression === expression)
    return {name, source, expression, feature: known?.feature ?? null}
  })
}
