import {createHash} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, it} from 'vitest'
import {hashFile} from '../../../src/io/lake/parquet-file.ts'
import {Random} from '../../../src/kernel/random.ts'

const MB = 1 << 20

describe('the hash of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'qo-hash-'))
  afterAll(() => rmSync(folder, {recursive: true, force: true}))

  it.each([0, 1, MB - 1, MB, MB + 1, 2 * MB, 3 * MB + 17])('of %i bytes is that of its bytes', async (size) => {
    const random = new Random(String(size))
    const bytes = Buffer.from(Uint32Array.from({length: Math.ceil(size / 4)}, () => random.unit() * 2 ** 32).buffer)
    const path = join(folder, String(size))
    writeFileSync(path, bytes.subarray(0, size))
    expect(await hashFile(path)).toBe(createHash('sha256').update(bytes.subarray(0, size)).digest('hex'))
  })

  it('of what cannot be read is an error', async () => {
    await expect(hashFile(folder)).rejects.toThrow()
    await expect(hashFile(join(folder, 'none'))).rejects.toThrow()
  })
})
