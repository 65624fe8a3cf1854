#!/usr/bin/env node
// Install and build when needed, so that `npm run demo` and `npm test` work in a fresh clone with nothing before them.
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const home = fileURLToPath(new URL('..', import.meta.url))
const force = process.argv.includes('--build')

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`qo needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(2)
}

function run(label, command, args) {
  const started = Date.now()
  process.stderr.write(`qo: ${label} … `)
  const {status, stdout, stderr} = spawnSync(command, args, {cwd: home, encoding: 'utf8', stdio: 'pipe'})
  if (status !== 0) {
    process.stderr.write(`failed\n${stdout}${stderr}`)
    process.exit(1)
  }
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

function hashOfTree(folder, pattern) {
  const hash = createHash('sha256')
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'})
  for (const name of names.filter((name) => pattern.test(name)).sort()) {
    hash.update(`${name}\0`).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex').slice(0, 12)
}

const lock = createHash('sha256')
  .update(readFileSync(join(home, 'package-lock.json')))
  .digest('hex')
const installed = join(home, 'node_modules/.qo-lock')
const isInstalled = existsSync(installed) && readFileSync(installed, 'utf8') === lock
if (!isInstalled) {
  run('installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(installed, lock)
}

const source = hashOfTree(join(home, 'src'), /\.ts$/)
const built = join(home, 'dist/source-hash')
if (force || !existsSync(built) || readFileSync(built, 'utf8') !== source) {
  rmSync(join(home, 'dist'), {recursive: true, force: true})
  mkdirSync(join(home, 'dist'), {recursive: true})
  run('building', process.execPath, [join(home, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'])
  await writeManifest()
  writeFileSync(join(home, 'dist/build-hash'), hashOfTree(join(home, 'dist'), /\.js$/))
  writeFileSync(built, source)
}

/** The list of commands, so that one command starts without loading all the others. */
async function writeManifest() {
  const path = join(home, 'oclif.manifest.json')
  rmSync(path, {force: true})
  const {Plugin} = await import('@oclif/core')
  const plugin = new Plugin({root: home, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
  await plugin.load()
  writeFileSync(path, JSON.stringify(plugin.manifest))
}
