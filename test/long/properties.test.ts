import {spawnSync} from 'node:child_process'
import {randomInt} from 'node:crypto'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

const ROUNDS = 5
const SLOW = /^test\/(chaos|long)\//

/** Every test file that states a property. */
function propertyFiles(): string[] {
  return readdirSync('test', {recursive: true, encoding: 'utf8'})
    .map((file) => join('test', file))
    .filter((file) => file.endsWith('.test.ts') && !SLOW.test(file) && readFileSync(file, 'utf8').includes('fc.assert'))
}

describe('properties', () => {
  it('hold for seeds that nobody has tried', () => {
    const files = propertyFiles()
    expect(files.length).toBeGreaterThan(40)
    for (let round = 0; round < ROUNDS; round++) {
      const seed = randomInt(2 ** 31)
      console.log(`properties of ${files.length} files with seed ${seed}`)
      const env = {...process.env, QO_PROPERTY_SEED: String(seed)}
      const run = spawnSync('npx', ['vitest', 'run', ...files], {encoding: 'utf8', env})
      expect(run.status, `QO_PROPERTY_SEED=${seed}\n${run.stdout}\n${run.stderr}`).toBe(0)
    }
  })
})
