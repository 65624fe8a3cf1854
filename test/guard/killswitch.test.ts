import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {removeTree} from '../remove-tree.ts'
import {aboveTouch, holdings, intentFor, paperWorkspace, runGuard, startGuard, startVenue, until} from './paper-desk.ts'

const repository = join(import.meta.dirname, '../..')
let desk: {root: string; state: string}

beforeEach(() => {
  desk = paperWorkspace()
})

afterEach(async () => {
  // A halting guard that is still at work ends by itself when its workspace is gone.
  // A guard that is halting may still write its last line.
  await removeTree(desk.root)
})

/** JSON object and exit status of one command in the workspace. */
async function qo(...args: string[]) {
  process.exitCode = 0
  const {result, stdout} = await runCommand([...args, '--root', desk.root, '--json'], {root: repository})
  const status = process.exitCode
  process.exitCode = 0
  // biome-ignore lint/suspicious/noExplicitAny: the JSON object of whatever command was typed
  return {result: (result ?? JSON.parse(stdout)) as any, status}
}

const stateNow = async (): Promise<string> => (await qo('killswitch', 'status')).result.state

describe('killswitch engage without an account', () => {
  it('is clean at once, leaves its record, and only the printed phrase releases it', async () => {
    const {result, status} = await qo('killswitch', 'engage', '--reason', 'drill')
    expect(status).toBe(0)
    expect(result).toMatchObject({
      artifact: 'killswitch-engage@1',
      ok: true,
      latched: true,
      state: 'HALTED_CLEAN',
      policy: 'flatten',
    })
    expect(existsSync(join(desk.root, `reports/risk/halt-${result.id}.yaml`))).toBe(true)
    await until(
      'logged as clean',
      async () => (await stateNow()) === 'HALTED_CLEAN' && (await qo('killswitch', 'status')).result.phrase !== null,
    )

    expect(await qo('killswitch', 'release')).toMatchObject({
      status: 2,
      result: {error: {code: 'killswitch.wrong_phrase'}},
    })
    expect((await qo('killswitch', 'release', '--phrase', 'RELEASE')).status).toBe(2)
    const {phrase} = (await qo('killswitch', 'status')).result
    expect(phrase).toBe('RELEASE acct-none EQUITY 0 CAUSE operator')
    await until('the halting guard has left', () => !existsSync(join(desk.state, 'guard.json')))
    expect(await qo('killswitch', 'release', '--phrase', `"${phrase}"`)).toMatchObject({
      status: 0,
      result: {released: true, latched: false},
    })
    expect((await qo('killswitch', 'status')).result).toMatchObject({state: 'DISARMED', latched: false})
    expect(readFileSync(join(desk.root, `reports/risk/halt-${result.id}.yaml`), 'utf8')).toMatch(/released_at: 20/)
    expect((await qo('killswitch', 'release')).result.error.code).toBe('killswitch.not_halted')
  })

  it('joins a halt that runs and answers with its id', async () => {
    const first = await qo('killswitch', 'engage')
    const second = await qo('killswitch', 'engage', '--cancel-only')
    expect(second.result).toMatchObject({id: first.result.id, joined: true, policy: 'cancel'})
    expect(readdirSync(join(desk.root, 'reports/risk'))).toHaveLength(1)
  })
})

describe('killswitch engage when everything is broken', () => {
  it('latches with every config binary, and trade then exits 7 before it reads one', async () => {
    for (const name of ['qo', 'risk_limits', 'book', 'execution', 'selected_assets', 'rituals']) {
      writeFileSync(join(desk.root, `configs/${name}.yaml`), Buffer.from([0, 255, 1, 254]))
    }
    const {result, status} = await qo('killswitch', 'engage')
    expect({status, ...result}).toMatchObject({status: 0, latched: true, state: 'HALTED_CLEAN', policy: 'flatten'})
    expect((await qo('trade', '--mode', 'paper')).status).toBe(7)
  })

  it('latches with no config left at all', async () => {
    rmSync(join(desk.root, 'configs'), {recursive: true})
    expect(await qo('killswitch', 'engage')).toMatchObject({status: 0, result: {latched: true}})
  })

  it('latches before it complains about a word it does not know', async () => {
    await qo('killswitch', 'engage', '--flaten')
    expect(existsSync(join(desk.state, 'guard/HALT'))).toBe(true)
  })

  it('says so and exits 7 when the latch is in memory only', async () => {
    rmSync(desk.state, {recursive: true})
    writeFileSync(desk.state, 'a file where the state folder should be')
    expect(await qo('killswitch', 'engage')).toMatchObject({status: 7, result: {ok: false, latched: 'memory'}})
    expect((await qo('killswitch', 'status')).result.latched).toBe(true)
  })

  it('makes no workspace where there is none', async () => {
    const nowhere = mkdtempSync(join(tmpdir(), 'qo-nowhere-'))
    process.exitCode = 0
    const {stdout} = await runCommand(['killswitch', 'engage', '--root', nowhere, '--json'], {root: repository})
    expect([process.exitCode, JSON.parse(stdout).error.code]).toEqual([3, 'workspace.not_found'])
    process.exitCode = 0
    expect(readdirSync(nowhere)).toEqual([])
  })

  it('leaves nothing in a dry run', async () => {
    expect(await qo('killswitch', 'engage', '--dry-run')).toMatchObject({status: 0, result: {latched: false}})
    expect(readdirSync(desk.state)).toEqual([])
  })
})

describe('risk check', () => {
  it.each([
    ['missing', null],
    ['empty', ''],
    ['binary', '\u0000\u0001'],
    ['duplicate keys', 'artifact: risk-limits@1\nartifact: risk-limits@1\n'],
    ['an unknown key', 'artifact: risk-limits@1\nlevrage: 2\n'],
  ])('exits 3 on limits that are %s', async (_, text) => {
    const path = join(desk.root, 'configs/risk_limits.yaml')
    if (text === null) rmSync(path)
    else writeFileSync(path, text)
    const {result, status} = await qo('risk', 'check')
    expect(status).toBe(3)
    expect(result.error.code).toMatch(/^artifact\.(missing|invalid)$/)
    if (text) expect(result.error.why).toMatch(/configs\/risk_limits\.yaml:\d+:\d+/)
  })

  it('is within limits on an empty account', async () => {
    expect(await qo('risk', 'check')).toMatchObject({
      status: 0,
      result: {artifact: 'risk-check@1', ok: true, state: 'DISARMED', latched: false, breaches: []},
    })
  })
})

describe('killswitch engage with positions', () => {
  it('reaches a proven flat account through the running guard, and the venue agrees', async () => {
    const sim = await startVenue(desk.state)
    const guard = await startGuard(desk)
    try {
      const px = await aboveTouch(sim, 'BTC')
      await guard.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
      await guard.port.request({type: 'account'})
      expect(await qo('risk', 'check')).toMatchObject({
        status: 0,
        result: {breaches: [], account: guard.endpoint.account},
      })

      const {result, status} = await qo('killswitch', 'engage', '--flatten', '--reason', 'drill')
      expect({status, ...result}).toMatchObject({status: 0, latched: true, policy: 'flatten'})
      await until('clean', async () => (await stateNow()) === 'HALTED_CLEAN', 60_000)
      expect(await holdings(sim, guard.endpoint.account)).toEqual({orders: [], positions: {}})
      expect((await qo('trade', '--mode', 'paper')).status).toBe(7)
      expect((await qo('killswitch', 'release', '--phrase', 'x')).result.error.code).toBe('killswitch.cooling_down')
    } finally {
      await guard.stop('SIGKILL')
      await sim.stop()
    }
  })

  it('starts the venue again to prove that what it left behind is flat', async () => {
    const sim = await startVenue(desk.state)
    const guard = await startGuard(desk)
    const px = await aboveTouch(sim, 'BTC')
    await guard.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
    await guard.stop('SIGKILL')
    await sim.stop()
    expect(existsSync(join(desk.state, 'sim.json'))).toBe(false)

    expect((await qo('killswitch', 'engage')).result).toMatchObject({latched: true, state: 'ENGAGING'})
    await until('clean', async () => (await stateNow()) === 'HALTED_CLEAN', 60_000)
    await until('the venue it started has stopped', () => !existsSync(join(desk.state, 'sim.json')))
    const again = await startVenue(desk.state)
    expect(await holdings(again, guard.endpoint.account)).toEqual({orders: [], positions: {}})
    await again.stop()
  })

  it('flattens what an earlier halt kept, once somebody asks for it', async () => {
    const sim = await startVenue(desk.state)
    const guard = await startGuard(desk)
    try {
      const px = await aboveTouch(sim, 'BTC')
      await guard.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
      const {id} = (await qo('killswitch', 'engage', '--cancel-only')).result
      await until('clean with the position kept', async () => (await stateNow()) === 'HALTED_CLEAN', 60_000)
      expect((await holdings(sim, guard.endpoint.account)).positions).toEqual({BTC: '0.02'})

      const {result} = await qo('killswitch', 'engage', '--flatten')
      expect(result).toMatchObject({id, joined: true, policy: 'flatten'})
      expect(result.state).not.toBe('HALTED_CLEAN')
      const flat = async () => Object.keys((await holdings(sim, guard.endpoint.account)).positions).length === 0
      await until('flat', flat, 15_000)
      await until('clean again', async () => (await stateNow()) === 'HALTED_CLEAN', 15_000)
      expect((await qo('killswitch', 'status')).result.policy).toBe('flatten')
      const record = readFileSync(join(desk.root, `reports/risk/halt-${id}.yaml`), 'utf8')
      expect(record).toMatch(/policy: flatten[\s\S]*flattened:\n {2}- coin: BTC/)
    } finally {
      await guard.stop('SIGKILL')
      await sim.stop()
    }
  })

  it('claims nothing where the record of orders was moved away', async () => {
    const sim = await startVenue(desk.state)
    const guard = await startGuard(desk)
    const px = await aboveTouch(sim, 'BTC')
    await guard.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
    await guard.stop('SIGKILL')
    rmSync(join(desk.root, 'data/journal/guard.jsonl'))
    try {
      expect((await qo('killswitch', 'engage')).result.state).not.toBe('HALTED_CLEAN')
      const flat = async () => Object.keys((await holdings(sim, guard.endpoint.account)).positions).length === 0
      await until('flat', flat, 30_000)
      // An order that the lost record told of may be in flight until it has expired.
      expect(await stateNow()).not.toBe('HALTED_CLEAN')
    } finally {
      const endpoint = join(desk.state, 'guard.json')
      if (existsSync(endpoint)) process.kill(JSON.parse(readFileSync(endpoint, 'utf8')).pid)
      await until('the halting guard has left', () => !existsSync(endpoint))
      await sim.stop()
    }
  })

  it('flattens with a key that others can read, damaged nonces, and a marker from the future', async () => {
    const sim = await startVenue(desk.state)
    const guard = await startGuard(desk)
    const px = await aboveTouch(sim, 'BTC')
    await guard.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
    await guard.stop('SIGKILL')
    chmodSync(join(desk.state, 'guard/key'), 0o644)
    writeFileSync(join(desk.state, 'guard/nonces.json'), '')
    writeFileSync(join(desk.state, 'guard/starting'), '1\n')
    utimesSync(join(desk.state, 'guard/starting'), new Date('2100-01-01'), new Date('2100-01-01'))
    try {
      await qo('killswitch', 'engage')
      const flat = async () => Object.keys((await holdings(sim, guard.endpoint.account)).positions).length === 0
      await until('flat', flat, 30_000)
      await until('clean', async () => (await stateNow()) === 'HALTED_CLEAN', 30_000)
    } finally {
      await sim.stop()
    }
  })

  it('flattens on a disk that takes no byte', async () => {
    const sim = await startVenue(desk.state)
    const guard = await startGuard(desk)
    const px = await aboveTouch(sim, 'BTC')
    await guard.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
    await guard.stop('SIGKILL')
    mkdirSync(join(desk.state, 'guard/HALT'))
    const full = runGuard(desk.root, ['--halt'], ['sh', '-c', 'ulimit -f 0; exec "$@"', 'sh'])
    try {
      const flat = async () => Object.keys((await holdings(sim, guard.endpoint.account)).positions).length === 0
      await until('flat', flat, 40_000)
    } finally {
      full.child.kill('SIGKILL')
      await full.exit
      await sim.stop()
    }
  })

  it('is dirty, and still engaged with exit 0, when the venue is gone for good', async () => {
    mkdirSync(join(desk.root, 'data/journal'), {recursive: true})
    writeFileSync(join(desk.root, 'data/journal/guard.jsonl'), '{"kind":"send"}\n')
    expect(await qo('killswitch', 'engage')).toMatchObject({status: 0, result: {latched: true, state: 'HALTED_DIRTY'}})
  })
})
