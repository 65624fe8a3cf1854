import {execFileSync, spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {describe, expect, it} from 'vitest'

const home = join(import.meta.dirname, '..')
const files = readdirSync(join(home, 'src'), {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.ts'))
const linesOf = (name: string): number => readFileSync(join(home, 'src', name), 'utf8').split('\n').length - 1

describe('the house', () => {
  it('has no file whose name says nothing', () => {
    const banned = /(^|\/)(utils?|helpers?|common|misc|manager|service|handler|data)(\.ts|\/)/
    expect(files.filter((name) => banned.test(name))).toEqual([])
  })

  it('has no file over 300 lines, no command over 90, no operation over 200', () => {
    const limit = (name: string): number =>
      name.startsWith('commands/') ? 90 : name.startsWith('operations/') ? 200 : 300
    expect(files.filter((name) => linesOf(name) > limit(name)).map((name) => `${name} ${linesOf(name)}`)).toEqual([])
  })

  it('names no registry host, no machine path and no tool of its makers', () => {
    const tracked = execFileSync('git', ['ls-files'], {cwd: home, encoding: 'utf8'}).split('\n').filter(Boolean)
    const secret = new RegExp(['registry\\.npm' + 'js', '/work' + '/', '/ro' + 'ot/'].join('|'))
    const guilty = tracked.filter(
      (name) => /\.(ts|js|cjs|json|md|ya?ml)$/.test(name) && secret.test(readFileSync(join(home, name), 'utf8')),
    )
    expect(guilty).toEqual([])
  })
})

/** One planted breach per wall: `file` gets `text`, and the named rule must report it. */
const BREACHES: readonly [rule: string, file: string, text: string][] = [
  [
    'layers-meet-in-artifacts',
    'selection/planted.ts',
    "import {psr} from '../cognition/statistics/psr.ts'\nexport const x = psr\n",
  ],
  [
    'kernel-is-the-floor',
    'kernel/planted.ts',
    "import {artifact} from '../contracts/artifact.ts'\nexport const x = artifact\n",
  ],
  [
    'contracts-know-kernel-and-zod',
    'contracts/planted.ts',
    "import {openFiles} from '../io/files.ts'\nexport const x = openFiles\n",
  ],
  ['layers-stay-pure', 'reflex/planted.ts', "import {openFiles} from '../io/files.ts'\nexport const x = openFiles\n"],
  [
    'pure-code-has-no-node',
    'reflex/planted.ts',
    "import {readFileSync} from 'node:fs'\nexport const x = readFileSync\n",
  ],
  ['io-knows-no-layer', 'io/planted.ts', "import {psr} from '../cognition/statistics/psr.ts'\nexport const x = psr\n"],
  [
    'guard-stays-small',
    'guard/planted.ts',
    "import {DuckDBInstance} from '@duckdb/node-api'\nexport const x = DuckDBInstance\n",
  ],
  ['sim-stands-alone', 'sim/planted.ts', "import {psr} from '../cognition/statistics/psr.ts'\nexport const x = psr\n"],
  [
    'operations-use-ports',
    'operations/planted.ts',
    "import {openFiles} from '../io/files.ts'\nexport const x = openFiles\n",
  ],
  [
    'cli-knows-no-layer',
    'cli/planted.ts',
    "import {psr} from '../cognition/statistics/psr.ts'\nexport const x = psr\n",
  ],
  [
    'commands-are-forms',
    'commands/planted.ts',
    "import {psr} from '../cognition/statistics/psr.ts'\nexport const x = psr\n",
  ],
]

describe('the walls', () => {
  it('report every planted breach by the name of its rule', () => {
    const root = mkdtempSync(join(tmpdir(), 'qo-walls-'))
    for (const name of [
      'src/kernel',
      'src/contracts',
      'src/cognition/statistics',
      'src/io/files.ts',
      'src/io/schema-issues.ts',
      'src/desk.ts',
    ]) {
      mkdirSync(dirname(join(root, name)), {recursive: true})
      cpSync(join(home, name), join(root, name), {recursive: true})
    }
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      cpSync(join(home, name), join(root, name))
    symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'))
    BREACHES.forEach(([, file, text], i) => {
      const path = join(root, 'src', file.replace('planted', `planted-${i}`))
      mkdirSync(dirname(path), {recursive: true})
      writeFileSync(path, text)
    })
    const {stdout} = spawnSync(
      process.execPath,
      [
        join(home, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'json',
        'src',
      ],
      {cwd: root, encoding: 'utf8', maxBuffer: 1 << 28},
    )
    const {summary} = JSON.parse(stdout) as {summary: {violations: {from: string; rule: {name: string}}[]}}
    const reported = BREACHES.map(([, file], i) => {
      const name = file.replace('planted', `planted-${i}`)
      return summary.violations.filter(({from}) => from === `src/${name}`).map(({rule}) => rule.name)
    })
    BREACHES.forEach(([rule], i) => {
      expect(reported[i], rule).toContain(rule)
    })
  })
})
