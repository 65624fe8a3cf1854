import {rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {lakePush} from '../../src/operations/lake-transfer.ts'
import {act, HERE, openRunner, step} from '../ci/act.ts'
import {commitAll, git} from '../ci/repository.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'

describe('the workflow of a pull request', () => {
  let [root, remove, base] = ['', () => {}, '']
  const {temp, program, clone: cloned, close} = openRunner()
  const depot = join(temp, 'depot')
  const runner = (branch: string): string => cloned(root, branch)

  beforeAll(async () => {
    program('qo', `exec ${process.execPath} ${join(HERE, 'bin/dev.js')} "$@"`)
    ;({root, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0, seed: 'flow'}))
    rmSync(join(root, 'market.csv'))
    writeFileSync(join(root, 'qo.tgz'), 'the judge of the base branch')
    base = commitAll(root, 'a workspace')
    git(root, 'checkout', '--quiet', '-b', 'idea')
    writeFileSync(join(root, 'hypotheses/noise.yaml'), ideaText('noise', {signal: 'ts_mean(returns(close, 1), $n)'}))
    writeFileSync(join(root, 'qo.tgz'), 'a judge that says what the branch wants to hear')
    await gauntlet(await deskAt(root), {files: [], all: false})
    await lakePush(await deskAt(root), depot, {sealed: false, research: true})
    commitAll(root, 'an idea, judged')
  })
  afterAll(() => {
    for (const end of [close, remove]) end()
  })

  it('takes the data, checks, and lets a FAIL merge: integrity holds, verdict is negative', () => {
    const clone = runner('idea')
    const env = {BASE: base, QO_DEPOT: depot}
    expect(act(clone, temp, step('integrity', 'which ideas'), env).outputs).toEqual({count: '1'})
    expect(act(clone, temp, step('integrity', 'the data'), {...env, QO_DEPOT: ''}).text).toContain('QO_DEPOT')
    expect(act(clone, temp, step('integrity', 'the data'), env)).toMatchObject({status: 0})
    expect(act(clone, temp, step('integrity', 'hash chain'), env)).toMatchObject({status: 0})
    const check = act(clone, temp, step('integrity', 'reproduce'), env)
    expect([check.status, check.outputs]).toEqual([0, {comment: 'yes', verdict: 'negative'}])
    expect(check.summary).toMatch(/\| noise \| FAIL \| rejected \|/)
    expect(act(clone, temp, step('integrity', 'nothing was written'), env)).toMatchObject({status: 0, text: ''})
    const verdict = step('verdict', 'eligible')
    expect(act(clone, temp, verdict, {VERDICT: check.outputs['verdict']!}).status).toBe(1)
    expect(act(clone, temp, verdict, {VERDICT: 'positive'}).status).toBe(0)
    expect(act(clone, temp, verdict, {VERDICT: ''}).status).toBe(1)
  })

  it('fails without the data, and names what is missing', () => {
    rmSync(join(temp, 'comment.md'), {force: true})
    const check = act(runner('idea'), temp, step('integrity', 'reproduce'), {BASE: base})
    expect([check.status, check.text.includes('lake.files_missing')]).toEqual([4, true])
  })
})
