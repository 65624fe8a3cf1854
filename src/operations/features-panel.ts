import type {InputName, Panel} from '../contracts/panel.ts'
import type {Desk} from '../desk.ts'
import {canonicalJson, hashOf} from '../kernel/canonical-json.ts'
import type {FeatureFile} from './hypothesis-files.ts'
import {loadPanel} from './load-panel.ts'
import {universeFor} from './select-universe.ts'

const RESEARCH = {kind: 'research'} as const
const CANDLES: readonly InputName[] = ['open', 'high', 'low', 'close', 'volume', 'trades']

/** What features are computed on. */
export interface FeatureGround {
  readonly panel: Panel
  /** shape [N][T] */
  readonly mask: readonly Uint8Array[]
  /** hash of the rule or list behind the mask */
  readonly universe: string
}

/**
 * Panel and universe of a file, read once for all files that share them.
 *
 * Only tables that the expressions read are loaded: new funding rows do not make prices look new.
 */
export function featureGrounds(desk: Desk): (file: FeatureFile) => Promise<FeatureGround> {
  const panels = new Map<string, Promise<Panel>>()
  const grounds = new Map<string, Promise<FeatureGround>>()

  const panelOf = ({venue, compiled}: FeatureFile): Promise<Panel> => {
    const funding = compiled.inputs.includes('funding')
    const key = `${venue} ${compiled.bar} ${funding}`
    const inputs: readonly InputName[] = funding ? [...CANDLES, 'funding'] : CANDLES
    const panel = panels.get(key) ?? loadPanel(desk, {venue, interval: compiled.bar, inputs, purpose: RESEARCH})
    panels.set(key, panel)
    return panel
  }
  const groundOf = async (file: FeatureFile): Promise<FeatureGround> => {
    const panel = await panelOf(file)
    const {mask, configSha} = await universeFor(desk, file, panel, RESEARCH)
    return {panel, mask, universe: configSha ?? hashOf(file.universe)}
  }
  return (file) => {
    const {venue, compiled, universe} = file
    const key = `${venue} ${compiled.bar} ${compiled.inputs.includes('funding')} ${canonicalJson(universe.from)}`
    const ground = grounds.get(key) ?? groundOf(file)
    grounds.set(key, ground)
    return ground
  }
}
