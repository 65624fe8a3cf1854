import type {Panel} from '../../src/contracts/panel.ts'
import {Random} from '../../src/kernel/random.ts'
import {randomPanel} from '../random-panel.ts'

const YEAR_BARS = 8760
const ASSETS = 20
/** Share of what volume says that is left an hour later: half of it after six days. */
const LASTS = 0.995

/**
 * Hourly bars in which volume says something of the returns that follow: what it says lasts for days, and the
 * hundred variants of the benchmark are means of it over ten to nineteen hours.
 *
 * @param edge  how much it says; 0: nothing
 */
export function plantedMarket(years: number, edge: number): Panel {
  const panel = randomPanel('bench|gauntlet', ASSETS, Math.round(years * YEAR_BARS))
  const random = new Random(`bench|gauntlet|${edge}`)
  const [open, high, low, close, volume] = (['open', 'high', 'low', 'close', 'volume'] as const).map(
    (name) => panel.series.get(name)!,
  )
  for (let a = 0; a < panel.assets.length; a++) {
    let said = random.normal()
    let px = 100
    for (let t = 0; t < panel.ts.length; t++) {
      const move = 0.006 * (random.normal() + edge * 0.1 * said)
      const end = px * Math.exp(move)
      open![a]![t] = px
      close![a]![t] = end
      high![a]![t] = Math.max(px, end) * 1.002
      low![a]![t] = Math.min(px, end) * 0.998
      said = LASTS * said + Math.sqrt(1 - LASTS ** 2) * random.normal()
      volume![a]![t] = (2e7 / end) * Math.exp(0.4 * said + 0.1 * random.normal())
      px = end
    }
  }
  return panel
}
