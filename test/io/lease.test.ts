import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {takeLease} from '../../src/io/lease.ts'

let state: string
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'qo-lease-'))
})
afterEach(() => rm(state, {recursive: true, force: true}))

const refused = expect.objectContaining({code: 'trade.lease_held', exitCode: 6})

describe('lease', () => {
  it('is held by one process at a time and passed on with a higher epoch', async () => {
    const first = await takeLease(state, 'paper')
    await expect(takeLease(state, 'paper')).rejects.toEqual(refused)
    expect(await first.isHeld()).toBe(true)
    await first.release()
    const second = await takeLease(state, 'paper')
    expect(second.epoch).toBe(first.epoch + 1)
    expect(await first.isHeld()).toBe(false)
  })

  it('does not confuse two accounts', async () => {
    await takeLease(state, 'paper')
    await expect(takeLease(state, 'testnet')).resolves.toMatchObject({epoch: 1})
  })

  it.skipIf(process.platform !== 'linux')(
    'is free again when its holder was killed, and not for a process that reuses the number',
    async () => {
      const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {stdio: 'ignore'})
      const pid = child.pid!
      await takeLease(state, 'paper').then((lease) => lease.release())
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      const alive = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!
      await writeFile(join(state, 'leases/paper.7'), `${pid} ${alive}`)
      await expect(takeLease(state, 'paper')).rejects.toEqual(refused)
      await writeFile(join(state, 'leases/paper.7'), `${pid} ${Number(alive) - 1}`)
      await expect(takeLease(state, 'paper')).resolves.toMatchObject({epoch: 8})
      await writeFile(join(state, 'leases/paper.9'), `${pid} ${alive}`)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await expect(takeLease(state, 'paper')).resolves.toMatchObject({epoch: 10})
    },
  )

  it('lets exactly one of many that start together through', async () => {
    const outcomes = await Promise.allSettled(Array.from({length: 8}, () => takeLease(state, 'paper')))
    expect(outcomes.filter(({status}) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(join(state, 'leases'))).toEqual(['paper.1'])
  })
})
