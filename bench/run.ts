import {readdirSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import type {Bench} from './bench.ts'

/**
 * `npm run bench -- NAME`: one benchmark against its yardstick, measured in the same run on the same machine.
 * Progress goes to standard error; standard output ends in one line of JSON.
 */
const folder = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !['run.ts', 'bench.ts', 'python.ts', 'random-panel.ts'].includes(file))
  .map((file) => file.slice(0, -3))
  .sort()

const [name, ...rest] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? 'A benchmark has a name' : `There is no benchmark '${name}'`}: ${names.join(', ')}`,
  )
  process.exitCode = 2
} else {
  const {run} = (await import(`./${name}.ts`)) as {run: Bench}
  const result = await run({say: (line) => console.error(line), args: rest})
  console.log(JSON.stringify({bench: name, ...result}))
}
