import {Command, Flags, type Interfaces} from '@oclif/core'
import type {Desk} from '../desk.ts'
import {systemFault} from '../io/system-fault.ts'
import {EXIT, Fault} from '../kernel/fault.ts'
import {openDesk} from './open-desk.ts'
import {type Ending, renderEnding} from './render.ts'

/** Every `--json` object starts with these two. */
export interface QoResult {
  readonly artifact: string
  readonly ok: boolean
}

type FlagsOf<C extends typeof Command> = Interfaces.InferredFlags<(typeof QoCommand)['baseFlags'] & C['flags']>
type ArgsOf<C extends typeof Command> = Interfaces.InferredArgs<C['args']>

/** A command is a form: flags in, one operation, one result out. This base does everything else. */
export abstract class QoCommand<C extends typeof Command, Result extends QoResult> extends Command {
  static override enableJsonFlag = true
  static override baseFlags = {
    root: Flags.string({
      summary: 'workspace; default: nearest folder up that holds configs/qo.yaml',
      helpGroup: 'GLOBAL',
    }),
    'as-of': Flags.string({summary: 'decision time, ISO 8601; default: now', helpGroup: 'GLOBAL'}),
    'dry-run': Flags.boolean({summary: 'plan, leave nothing', helpGroup: 'GLOBAL'}),
    commit: Flags.boolean({summary: 'commit the artifacts this command leaves', helpGroup: 'GLOBAL'}),
    quiet: Flags.boolean({summary: 'print nothing but errors', char: 'q', helpGroup: 'GLOBAL'}),
  }

  /** false for the commands that work outside a workspace: init, doctor, sim, demo */
  protected needsWorkspace = true
  /** true when a command without need of a workspace still wants the one it stands in */
  protected looksForWorkspace = false
  protected flags!: FlagsOf<C>
  protected args!: ArgsOf<C>

  /** the folder to work in when none is named; demo makes a new one */
  protected defaultRoot(): string | undefined {
    return undefined
  }

  abstract perform(desk: Desk): Promise<Result>
  /** body, then artifact, rationale, next: the three parts every human output ends in */
  abstract render(result: Result): Ending

  /** exit status of a result that is not an error: 5 for a negative verdict or a breach */
  protected statusOf(_result: Result): number {
    return 0
  }

  async run(): Promise<Result> {
    // No argument: spreading this.ctor would drop the inherited statics and make --json an unknown flag.
    const {flags, args} = await this.parse()
    this.flags = flags as FlagsOf<C>
    this.args = args as ArgsOf<C>
    const base = this.flags as Record<string, unknown>
    const desk = await openDesk({
      root: (base['root'] as string | undefined) ?? this.defaultRoot(),
      asOf: base['as-of'] as string | undefined,
      dryRun: base['dry-run'] === true,
      allowGaps: base['allow-gaps'] === true,
      quiet: base['quiet'] === true || this.jsonEnabled(),
      needsWorkspace: this.needsWorkspace,
      looksForWorkspace: this.looksForWorkspace,
    })
    try {
      const result = await this.perform(desk)
      if (base['commit'] === true && !desk.dryRun) await this.commitArtifacts(desk)
      desk.progress.done()
      if (base['quiet'] !== true && !this.jsonEnabled()) this.log(renderEnding(this.render(result)))
      process.exitCode = this.statusOf(result)
      return result
    } catch (error) {
      throw systemFault(error)
    } finally {
      desk.progress.done()
      await desk.processes.stopStarted()
    }
  }

  private async commitArtifacts(desk: Desk): Promise<void> {
    // `data/` is git-ignored except its manifests; a path that git ignores is not a committable artifact.
    const {JUNIT_PATH} = await import('../contracts/workspace.ts')
    const paths = desk.files.written.filter(
      (path) => path !== JUNIT_PATH && (!path.startsWith('data/') || path.startsWith('data/manifests/')),
    )
    if (paths.length === 0) return
    const hashes = await Promise.all(
      paths.slice(0, 12).map(async (path) => `${path} ${(await desk.files.hash(path)).slice(0, 12)}`),
    )
    const more = paths.length > 12 ? [`… and ${paths.length - 12} more`] : []
    await desk.git.commit(paths, [`qo ${this.id?.replaceAll(':', ' ') ?? ''}`, '', ...hashes, ...more].join('\n'))
  }

  /** oclif core 4.14 looks at error.exitCode only under --json: a usage error would leave with 1. */
  protected override async catch(error: Error & {exitCode?: number; oclif?: {exit?: number}}): Promise<unknown> {
    const status = error instanceof Fault ? error.exitCode : (error.oclif?.exit ?? EXIT.bug)
    error.exitCode = status
    process.exitCode = status
    if (!this.jsonEnabled()) {
      error.oclif = {...error.oclif, exit: status}
      throw error
    }
    this.logJson(this.toErrorJson(error))
    return undefined
  }

  /** Without this a usage error under --json prints the whole parsed configuration. */
  protected override toErrorJson(error: unknown): unknown {
    const fault = error as Partial<Fault> & Error & {oclif?: {exit?: number}; code?: string}
    const usage = !(error instanceof Fault) && fault.oclif?.exit === EXIT.usage
    const code = error instanceof Fault ? error.code : usage ? 'usage.invalid' : 'bug.unexpected'
    const [what = 'unknown error', ...why] = (fault.message ?? String(error)).split('\n')
    return {
      artifact: 'error@1',
      ok: false,
      error: {
        code,
        what: error instanceof Fault ? error.what : what,
        why:
          error instanceof Fault
            ? error.why
            : why.join('\n').trim() || (usage ? 'The command line does not fit the command.' : 'This is a bug in qo.'),
        next:
          error instanceof Fault
            ? error.suggestions
            : [usage ? `qo ${this.id?.replaceAll(':', ' ') ?? ''} --help` : 'report this with the command you typed'],
      },
    }
  }
}
