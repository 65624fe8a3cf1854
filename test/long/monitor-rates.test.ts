import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {monitorPage} from '../../docs/monitor-rates.ts'

describe('docs/MONITOR.md', () => {
  it('is what the generator writes today', () => {
    expect(readFileSync(new URL('../../docs/MONITOR.md', import.meta.url), 'utf8')).toBe(monitorPage())
  })
})
