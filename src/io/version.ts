import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const home = fileURLToPath(new URL('../..', import.meta.url))
let known: string | null = null

/** Package version plus a hash of the build: `0.1.0+1a2b3c4d5e6f`. The stamp is written by the build. */
export function qoVersion(): string {
  if (known !== null) return known
  const {version} = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {version: string}
  const stamp = join(home, 'dist/build-hash')
  known = `${version}+${existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : buildHash(join(home, 'src'))}`
  return known
}

/** First 12 hex digits of SHA-256 over names and contents, in name order. */
function buildHash(folder: string): string {
  const hash = createHash('sha256')
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((name) => /\.(js|ts)$/.test(name))
    .sort()
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}
