import {execFileSync} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {beforeEach, describe, expect, it} from 'vitest'

const repository = join(import.meta.dirname, '../..')
const qo = (...args: string[]) => runCommand(args, {root: repository})

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-init-'))
})

describe('qo init', () => {
  it('makes a workspace in a repository of its own, with a first commit', async () => {
    const {result} = await qo('init', '--exchange', 'sim', '--root', root, '--json')
    expect(result).toMatchObject({artifact: 'init@1', ok: true, exchange: 'sim', repository: 'made'})
    expect(existsSync(join(root, 'configs/risk_limits.yaml'))).toBe(true)
    expect(execFileSync('git', ['log', '--oneline'], {cwd: root, encoding: 'utf8'}).trim().split('\n')).toHaveLength(1)
    expect(execFileSync('git', ['status', '--porcelain'], {cwd: root, encoding: 'utf8'})).toBe('')
  })

  it('keeps every file that is already there', async () => {
    await qo('init', '--exchange', 'sim', '--root', root, '--json')
    writeFileSync(join(root, 'configs/selection.yaml'), '# mine\n')
    const {result} = await qo('init', '--root', root, '--json')
    expect(result).toMatchObject({written: []})
    expect(readFileSync(join(root, 'configs/selection.yaml'), 'utf8')).toBe('# mine\n')
    expect(readFileSync(join(root, 'configs/qo.yaml'), 'utf8')).toContain('exchange: sim')
  })

  it('leaves nothing in a dry run', async () => {
    await qo('init', '--root', root, '--dry-run', '--json')
    expect(existsSync(join(root, 'configs'))).toBe(false)
  })

  it('builds exactly one declared path and prints it whole, with two choices', async () => {
    const {result} = await qo('init', 'configs/risk_limits.yaml', '--root', root, '--json')
    const {text, next} = result as {text: string; next: string[]}
    expect(readFileSync(join(root, 'configs/risk_limits.yaml'), 'utf8')).toBe(text)
    expect(next).toHaveLength(2)
    expect(existsSync(join(root, 'configs/qo.yaml'))).toBe(false)
  })

  it('refuses a path that is not declared, and a file that differs from what it would build', async () => {
    const unknown = await qo('init', 'configs/../evil.yaml', '--root', root)
    expect(unknown.error).toMatchObject({code: 'init.unknown_path', exitCode: 2})
    await qo('init', 'configs/selection.yaml', '--root', root)
    writeFileSync(join(root, 'configs/selection.yaml'), '# mine\n')
    const again = await qo('init', 'configs/selection.yaml', '--root', root)
    expect(again.error).toMatchObject({code: 'init.exists', exitCode: 2})
  })
})

describe('qo doctor', () => {
  it('names a missing limits file as broken and exits 5', async () => {
    await qo('init', '--exchange', 'sim', '--root', root, '--json')
    execFileSync('rm', [join(root, 'configs/risk_limits.yaml')])
    const {result} = await qo('doctor', '--root', root, '--json')
    const {checks, ok} = result as {checks: {name: string; state: string}[]; ok: boolean}
    expect(ok).toBe(false)
    expect(checks.find(({name}) => name === 'configs/risk_limits.yaml')?.state).toBe('broken')
    process.exitCode = 0
  })

  it('names line and column of a broken config', async () => {
    await qo('init', '--exchange', 'sim', '--root', root, '--json')
    writeFileSync(join(root, 'configs/selection.yaml'), 'artifact: selection@1\nscore: {}\n')
    const {result} = await qo('doctor', '--root', root, '--json')
    const {checks} = result as {checks: {name: string; state: string; detail: string}[]}
    const found = checks.find(({name}) => name === 'configs/selection.yaml')
    expect(found?.state).toBe('broken')
    expect(found?.detail).toMatch(/selection\.yaml:2:\d+/)
    process.exitCode = 0
  })
})

describe('a command outside a workspace', () => {
  it('exits 3 with workspace.not_found', async () => {
    const {error} = await qo('select', '--root', root)
    expect(error).toMatchObject({code: 'workspace.not_found', exitCode: 3})
  })
})
