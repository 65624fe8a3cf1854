import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import {QoCommand} from '../cli/qo-command.ts'
import type {Ending} from '../cli/render.ts'
import type {Desk} from '../desk.ts'
import {type DemoResult, demo} from '../operations/demo.ts'

/** The whole pipeline on the practice venue. Reads nothing, leaves a workspace to look around in. */
export default class Demo extends QoCommand<typeof Demo, DemoResult> {
  static override summary = 'the whole pipeline on the practice venue, from nothing to a report'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --root my-demo',
  ]

  protected override needsWorkspace = false

  /** A new folder each time: a demo never writes over another. */
  protected override defaultRoot(): string {
    for (let n = 1; ; n++) {
      const folder = resolve(n === 1 ? 'qo-demo' : `qo-demo-${n}`)
      if (!existsSync(folder)) return folder
    }
  }

  perform(desk: Desk): Promise<DemoResult> {
    return demo(desk, (line) => {
      if (!this.jsonEnabled()) this.log(line)
    })
  }

  render({root, seconds, acts}: DemoResult): Ending {
    return {
      body: '',
      artifact: [
        `${root}: a workspace with every file the acts left`,
        `${root}/reports/gauntlet/beautiful-noise/report.html`,
      ],
      rationale: [
        `${acts.length} acts in ${seconds.toFixed(0)} s on generated data: it shows the machinery, and nothing about any market`,
      ],
      next: [`cd ${root} && qo cockpit --once`, 'mkdir ../desk && cd ../desk && qo init'],
    }
  }
}
