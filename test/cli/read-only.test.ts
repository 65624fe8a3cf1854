import {spawnSync} from 'node:child_process'
import {chmodSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'

const run = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const NOBODY = 65_534
/** The superuser may write everywhere: the command is run as somebody else. */
const somebody = process.getuid?.() === 0 ? {uid: NOBODY, gid: NOBODY} : {}
const qo = (root: string, args: readonly string[], as: {uid?: number; gid?: number} = somebody) =>
  spawnSync(process.execPath, [run, ...args, '--root', root, '--json'], {
    ...as,
    encoding: 'utf8',
    env: {...process.env, HOME: root},
  })
const mayRun = spawnSync(process.execPath, [run, '--version'], {...somebody, encoding: 'utf8'}).status === 0
if (!mayRun) console.log('skipped: another user cannot read this checkout')

describe.skipIf(!mayRun)('a workspace that may not be written', () => {
  const root = mkdtempSync(join(tmpdir(), 'qo-read-only-'))
  beforeAll(() => {
    expect(qo(root, ['init'], {}).status).toBe(0)
    for (const folder of ['', 'hypotheses', 'configs']) chmodSync(join(root, folder), 0o555)
  })
  afterAll(() => {
    for (const folder of ['', 'hypotheses', 'configs']) chmodSync(join(root, folder), 0o755)
    rmSync(root, {recursive: true, force: true})
  })

  it('is a named error with the path, and nothing is left', () => {
    const before = readdirSync(join(root, 'hypotheses'))
    const {status, stdout} = qo(root, ['hypothesis', 'new', 'an-idea', '--family', 'trend'])
    const {error} = JSON.parse(stdout) as {error: {code: string; what: string; next: string[]}}
    expect([status, error.code]).toEqual([4, 'workspace.unwritable'])
    expect(error.what).toContain(join(root, 'hypotheses'))
    expect(readdirSync(join(root, 'hypotheses'))).toEqual(before)
  })
})
