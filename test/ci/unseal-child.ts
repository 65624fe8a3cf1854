// A process of its own that asks the vault: `node --import tsx unseal-child.ts ROOT die|live`.
import type {Desk} from '../../src/desk.ts'
import {Fault} from '../../src/kernel/fault.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {deskAt} from '../gauntlet/workspace.ts'

const [root = '', how] = process.argv.slice(2)
const desk = await deskAt(root)
const read: Desk['lake']['read'] = (query) => {
  if (how === 'die') process.kill(process.pid, 'SIGKILL')
  return desk.lake.read(query)
}
const lake = Object.create(desk.lake, {read: {value: read}}) as Desk['lake']
try {
  const {verdicts} = await gauntletUnseal({...desk, lake}, 'volume')
  console.log(verdicts[0]!.verdict)
} catch (cause) {
  console.log(cause instanceof Fault ? cause.code : String(cause))
}
