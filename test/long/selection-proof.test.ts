import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {SETS, selectionProof} from '../../docs/selection-proof.ts'
import {marketData} from '../golden-files.ts'

const isThere = Object.values(SETS).every(({path}) => marketData(path) !== null)

describe.skipIf(!isThere)('reports/selection/proof.md', () => {
  it('and its pictures are what the generator writes today, every claim held', async () => {
    const files = await selectionProof(marketData)
    for (const [name, text] of files) {
      expect(readFileSync(new URL(`../../reports/selection/${name}`, import.meta.url), 'utf8'), name).toBe(text)
    }
    expect(files.get('proof.md')).not.toContain('**NO**')
  })
})
