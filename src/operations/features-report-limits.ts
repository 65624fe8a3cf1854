import {LEAST_WINDOWS} from '../cognition/features/report/coefficient.ts'
import {defaultHorizons, requireReach} from '../cognition/features/report/horizons.ts'
import {usableBars, type Yardstick, yardstick} from '../cognition/features/report/judge-feature.ts'
import type {Panel} from '../contracts/panel.ts'
import {Fault} from '../kernel/fault.ts'
import {nearestName} from '../kernel/nearest-name.ts'
import type {ReportGround} from './features-report-ground.ts'
import type {FeatureFile} from './hypothesis-files.ts'

/**
 * The horizons that were asked for, or those of the bar that fit four times into the bars that can be used.
 *
 * @throws Fault `feature.horizon_too_long` (data)
 */
export function horizonsWithin(
  asked: readonly number[] | null,
  panel: Panel,
  mask: readonly Uint8Array[],
  measure: {funded: boolean; least: number; buckets: number},
): Yardstick {
  const all = (asked ?? defaultHorizons(panel.barMs)).filter((h, i) => i === 0 || asked !== null || h < panel.ts.length)
  const yard = yardstick(panel, mask, all, measure)
  const usable = usableBars(yard)
  const fitting = all.filter((h, i) => asked !== null || i === 0 || usable[i]! >= LEAST_WINDOWS * h)
  requireReach(fitting, usable)
  return fitting.length === all.length ? yard : yardstick(panel, mask, fitting, measure)
}

/** @throws Fault `feature.unknown_feature` (usage) */
export function wantedOf({id, compiled}: FeatureFile, only: readonly string[]): string[] {
  const all = [...compiled.expressions.keys()]
  const stranger = only.find((name) => !all.includes(name))
  if (stranger === undefined) return only.length > 0 ? [...new Set(only)] : all
  const near = nearestName(stranger, all)
  throw new Fault('feature.unknown_feature', {
    family: 'usage',
    what: `${id} has no feature '${stranger}'.`,
    why: `It has ${all.slice(0, 8).join(', ')}${all.length > 8 ? ' …' : ''}.`,
    next: [near === null ? 'qo features list' : `--only ${near}`],
  })
}

export function requireAssets({id}: FeatureFile, {panel, mask}: ReportGround, least: number): void {
  let most = 0
  for (let t = 0; t < panel.ts.length; t++) {
    most = Math.max(
      most,
      mask.reduce((count, row) => count + row[t]!, 0),
    )
  }
  if (most >= least) return
  throw new Fault('feature.universe_too_small', {
    family: 'data',
    what: `The universe of ${id} never has more than ${most} assets at once; a coefficient needs ${least}.`,
    why: 'A correlation across assets of fewer says nothing.',
    next: ['name more assets under universe', 'qo select --history', 'qo lake status'],
  })
}
