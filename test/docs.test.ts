import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {generatedPages} from '../docs/generate.ts'

const home = join(import.meta.dirname, '..')

describe('generated pages', () => {
  it('are what the code says today; npm run docs renews them', async () => {
    const stale: string[] = []
    for (const [path, text] of await generatedPages()) {
      const file = join(home, path)
      if (!existsSync(file) || readFileSync(file, 'utf8') !== text) stale.push(path)
    }
    expect(stale).toEqual([])
  })
})
