import type {Desk} from '../desk.ts'
import {cheat, edge, kill, noise, paper, setUp, type Tell} from './demo-acts.ts'

export interface DemoAct {
  readonly name: string
  readonly lines: readonly string[]
  readonly seconds: number
}

export interface DemoResult {
  readonly artifact: 'demo@1'
  readonly ok: boolean
  readonly root: string
  readonly acts: readonly DemoAct[]
  readonly seconds: number
}

/**
 * The whole pipeline on the practice venue, from nothing to a report: five acts, each a handful of qo commands run as a
 * person would type them, in a workspace of their own.
 *
 * @throws Fault `demo.step_failed` with the command that failed and what it said
 */
export async function demo(desk: Desk, tell: Tell): Promise<DemoResult> {
  const begun = desk.clock.monotonic()
  const acts: DemoAct[] = []
  const act = async (name: string, play: (say: Tell) => Promise<void>): Promise<void> => {
    const started = desk.clock.monotonic()
    const lines: string[] = []
    tell(`\n${name}`)
    await play((line) => {
      lines.push(line)
      tell(`  ${line}`)
    })
    acts.push({name, lines, seconds: Math.round((desk.clock.monotonic() - started) / 100) / 10})
  }

  await act('a venue, a workspace, ten years of bars', (say) => setUp(desk, say))
  await act('(a) a beautiful idea', (say) => noise(desk, say))
  await act('(b) a rule that knows tomorrow', (say) => cheat(desk, say))
  await act('(c) a true edge', (say) => edge(desk, say))
  await act('(d) one paper cycle', (say) => paper(desk, say))
  await act('(e) kill -9 in mid-order, then the kill switch', (say) => kill(desk, say))
  const seconds = Math.round((desk.clock.monotonic() - begun) / 100) / 10
  return {artifact: 'demo@1', ok: true, root: desk.root, acts, seconds}
}
