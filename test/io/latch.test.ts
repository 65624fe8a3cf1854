import {spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import type {LatchNote} from '../../src/desk.ts'
import {openLatch} from '../../src/io/latch.ts'

let state: string
const noteOf = (id: string): LatchNote => ({
  id,
  cause: 'operator',
  reason: 'test',
  policy: '',
  at: '',
  uptime: '1',
  boot: 'b',
})
const latch = () => openLatch(state)
const guardFolder = (...rest: string[]): string => join(state, 'guard', ...rest)

beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), 'qo-latch-')), 'data/state')
})

describe('looking at the latch', () => {
  it('says absent in a fresh workspace and in a readable folder without one', () => {
    expect(latch().look()).toBe('absent')
    mkdirSync(guardFolder(), {recursive: true})
    expect(latch().look()).toBe('absent')
  })

  it.each([
    ['an empty file', () => writeFileSync(guardFolder('HALT'), '')],
    ['a folder', () => mkdirSync(guardFolder('HALT'))],
    ['a symlink into nothing', () => symlinkSync('/nowhere', guardFolder('HALT'))],
    ['binary rubbish', () => writeFileSync(guardFolder('HALT'), Buffer.from([0, 255, 128]))],
  ])('says engaged for %s, with one id for every reader', (_, make) => {
    mkdirSync(guardFolder(), {recursive: true})
    make()
    expect(latch().look()).toBe('engaged')
    expect(latch().note()?.id).toMatch(/^by-hand-/)
    expect(latch().note()?.id).toBe(latch().note()?.id)
  })

  it('says unreadable when the state folder cannot be listed: halted', () => {
    mkdirSync(join(state, '..'), {recursive: true})
    writeFileSync(state, 'a file where a folder should be')
    expect(latch().look()).toBe('unreadable')
    rmSync(state)
    mkdirSync(state)
    writeFileSync(guardFolder(), '')
    expect(latch().look()).toBe('unreadable')
  })
})

describe('engaging', () => {
  it('is durable, leaves no temporary file, and a second engage joins the first', () => {
    expect(latch().engage(noteOf('one'))).toEqual({id: 'one', latched: true, joined: false})
    expect(readdirSync(guardFolder())).toEqual(['HALT'])
    expect(latch().engage(noteOf('two'))).toEqual({id: 'one', latched: true, joined: true})
    expect(latch().note()).toMatchObject({id: 'one', cause: 'operator'})
    expect(latch().marks()).toEqual(['two'])
  })

  it('joins a latch made by hand, folder or file', () => {
    mkdirSync(guardFolder('HALT'), {recursive: true})
    expect(latch().engage(noteOf('one'))).toMatchObject({latched: true, joined: true, id: latch().note()?.id})
  })

  it('keeps the latch in memory, and says so, when nothing can be written', () => {
    mkdirSync(join(state, '..'), {recursive: true})
    writeFileSync(state, '')
    expect(latch().engage(noteOf('one'))).toEqual({id: 'one', latched: 'memory', joined: false})
  })

  it('gives one id to processes that engage at once', async () => {
    const answers = await Promise.all(Array.from({length: 4}, () => engageInProcess()))
    expect(new Set(answers.map(({id}) => id)).size).toBe(1)
    expect(answers.filter(({joined}) => !joined)).toHaveLength(1)
  })

  it('renames the reserve into place when no byte can be written', async () => {
    latch().reserve()
    // A file size limit of zero: every write fails, a rename does not.
    expect(await engageInProcess('ulimit -f 0; ')).toMatchObject({latched: true, joined: false})
    expect(readdirSync(guardFolder())).toEqual(['HALT'])
  })

  it('makes a folder of that name when there is no reserve either', async () => {
    expect(await engageInProcess('ulimit -f 0; ')).toMatchObject({latched: true})
    expect(latch().look()).toBe('engaged')
  })
})

describe('releasing', () => {
  it('takes away exactly the latch it names', () => {
    latch().engage(noteOf('one'))
    expect(latch().release('two', [])).toBe(false)
    expect(latch().look()).toBe('engaged')
    expect(latch().release('one', [])).toBe(true)
    expect(latch().look()).toBe('absent')
    expect(latch().engage(noteOf('three'))).toEqual({id: 'three', latched: true, joined: false})
  })

  it('loses against an engage that joined since the release was decided', () => {
    latch().engage(noteOf('one'))
    const seen = latch().marks()
    latch().engage(noteOf('two'))
    expect(latch().release('one', seen)).toBe(false)
    expect(latch().look()).toBe('engaged')
    expect(latch().joins()).toMatchObject([{id: 'two', reason: 'test'}])
    expect(latch().release('one', latch().marks())).toBe(true)
  })

  it('releases a latch made by hand', () => {
    mkdirSync(guardFolder('HALT'), {recursive: true})
    expect(latch().release(latch().note()?.id ?? '', [])).toBe(true)
    expect(latch().look()).toBe('absent')
  })
})

/** Engage from another process, after a line of shell. */
function engageInProcess(before = ''): Promise<{id: string; latched: boolean | string; joined: boolean}> {
  const script = `import {openLatch} from ${JSON.stringify(join(import.meta.dirname, '../../src/io/latch.ts'))}
    const note = {id: 'p' + process.pid, cause: 'operator', reason: '', policy: '', at: '', uptime: '', boot: ''}
    console.log(JSON.stringify(openLatch(${JSON.stringify(state)}).engage(note)))`
  return new Promise((resolve, reject) => {
    const child = spawn(
      'bash',
      ['-c', `${before}exec "$0" --import tsx --input-type=module -e "$1"`, process.execPath, script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', () => resolve(JSON.parse(out)))
  })
}
