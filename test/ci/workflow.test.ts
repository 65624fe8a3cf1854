import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {act, FLOW, openRunner, step} from './act.ts'
import {commitAll, git} from './repository.ts'

// What needs qo itself runs in test/long/pull-request.test.ts.
describe('the workflow of a pull request', () => {
  let [root, base] = ['', '']
  const {temp, program, clone, close} = openRunner()
  const runner = (branch: string): string => clone(root, branch)

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'qo-origin-'))
    git(root, 'init', '--quiet', '--initial-branch=main')
    writeFileSync(join(root, 'qo.tgz'), 'the judge of the base branch')
    base = commitAll(root, 'a workspace')
    git(root, 'checkout', '--quiet', '-b', 'idea')
    writeFileSync(join(root, 'qo.tgz'), 'a judge that says what the branch wants to hear')
    commitAll(root, 'an idea')
  })
  afterAll(() => {
    close()
    rmSync(root, {recursive: true, force: true})
  })

  it('runs on every pull request, may read only, and writes nothing but its comment', () => {
    expect(FLOW.on).toBe('pull_request')
    expect(FLOW.permissions).toEqual({contents: 'read'})
    expect(Object.values(FLOW.jobs).map(({name, permissions}) => [name, permissions])).toEqual([
      ['qo/integrity', undefined],
      ['qo/verdict', undefined],
      ['comment', {'pull-requests': 'write'}],
    ])
    const runs = Object.values(FLOW.jobs).flatMap(({steps}) => steps.flatMap(({run}) => run ?? []))
    expect(runs.join('\n')).not.toMatch(/unseal|git push|git commit|--commit|secrets\./)
    // An expression inside a script would paste text of the branch into a shell.
    expect(runs.join('\n')).not.toContain('${{')
  })

  it('installs the program of the base branch, whatever the branch holds', () => {
    program('npm', `cat "\${@: -1}"`)
    const {status, text} = act(runner('idea'), temp, step('integrity', 'install qo'), {BASE: base})
    rmSync(join(temp, 'bin/npm'))
    expect([status, text]).toEqual([0, 'the judge of the base branch'])
  })

  it('writes one comment and replaces it at the next push', () => {
    const asked = join(temp, 'asked')
    program('gh', `echo "$*" >> ${asked}; case "$*" in *--paginate*) cat ${join(temp, 'old')};; esac`)
    for (const [old, method] of [
      ['', '--method POST repos/o/r/issues/7/comments'],
      ['99\n98\n', '--method PATCH repos/o/r/issues/comments/99'],
    ]) {
      writeFileSync(join(temp, 'old'), old!)
      const env = {THREAD: 'repos/o/r/issues/7/comments', COMMENTS: 'repos/o/r/issues/comments'}
      expect(act(temp, temp, step('comment', 'one comment'), env).status).toBe(0)
      expect(readFileSync(asked, 'utf8').trim().split('\n').at(-1)).toBe(`api ${method} -F body=@comment.md`)
    }
  })
})
