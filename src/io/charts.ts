import type {Chart} from '../contracts/chart.ts'

export function drawSvg(_chart: Chart): Promise<string> {
  return Promise.reject(new Error('replaced'))
}
