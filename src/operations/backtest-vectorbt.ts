import {byTheSameRule, type VectorbtAnswer, vectorbtInputs, vectorbtResult} from '../cognition/backtest/vectorbt.ts'
import {crossCheckFiles, VECTORBT_ENGINE, VECTORBT_PROBE, vectorbtStdin} from '../cognition/backtest/vectorbt-script.ts'
import type {WeightsRun} from '../cognition/backtest/weights-run.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {Engine} from './backtest-engines.ts'

/**
 * vectorbt in this machine's Python, on flat costs.
 *
 * @throws Fault `backtest.vectorbt_missing` (contract), asked before anything is counted; `backtest.vectorbt_failed`
 */
export async function openVectorbt(desk: Desk, assets: () => readonly string[]): Promise<Engine> {
  const probe = await desk.shell.python(VECTORBT_PROBE, {timeoutMs: 60_000})
  if (probe?.status !== 0) {
    throw new Fault('backtest.vectorbt_missing', {
      family: 'contract',
      what: probe === null ? 'There is no Python to run vectorbt in.' : 'This Python has no vectorbt.',
      why: '--engine vectorbt runs the real package, of the Python that QO_PYTHON names, else of python3.',
      next: [
        'python3 -m venv .venv && .venv/bin/pip install vectorbt==1.1.0, then QO_PYTHON=.venv/bin/python',
        'qo backtest FILE --engine weights',
      ],
    })
  }
  return async (run) => {
    const inputs = vectorbtInputs(run, assets())
    const told = await desk.shell.python(VECTORBT_ENGINE, {stdin: vectorbtStdin(inputs)})
    return vectorbtResult(run, inputs, answerOf(told?.stdout ?? '', told?.stderr ?? '', inputs.ts.length))
  }
}

/** Files of a cross-check below `folder`, written; returns their paths. */
export async function leaveCrossCheck(
  desk: Desk,
  run: WeightsRun,
  assets: readonly string[],
  folder: string,
): Promise<string[]> {
  const inputs = vectorbtInputs(run, assets)
  const files = crossCheckFiles(inputs, byTheSameRule(inputs, run.barMs))
  for (const [name, text] of files) await desk.files.writeText(`${folder}/${name}`, text)
  return [...files.keys()].map((name) => `${folder}/${name}`)
}

function answerOf(stdout: string, stderr: string, bars: number): VectorbtAnswer {
  const failed = (why: string): Fault =>
    new Fault('backtest.vectorbt_failed', {
      family: 'contract',
      what: 'vectorbt did not answer with an account value for every bar.',
      why,
      next: ['qo backtest FILE --cross-check vectorbt leaves the same call as a script', 'try vectorbt==1.1.0'],
    })
  let answer: unknown
  try {
    answer = JSON.parse(stdout)
  } catch {
    throw failed(stderr.trim().split('\n').at(-1) || 'It printed nothing that can be read.')
  }
  const {value, orders} = answer as Partial<VectorbtAnswer>
  if (!Array.isArray(value) || !Array.isArray(orders) || value.length !== bars)
    throw failed(`It answered ${Array.isArray(value) ? value.length : 'no'} values for ${bars} bars.`)
  if (!value.every((x) => Number.isFinite(x))) throw failed('An account value is not a number.')
  return {value, orders}
}
