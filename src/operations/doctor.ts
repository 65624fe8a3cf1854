import {ARTIFACTS} from '../contracts/index.ts'
import {isResearchOnly, QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'

export interface DoctorCheck {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'broken'
  readonly detail: string
  readonly next: string | null
}

export interface DoctorResult {
  readonly artifact: 'doctor@1'
  readonly ok: boolean
  readonly version: string
  readonly checks: readonly DoctorCheck[]
}

const GIB = 2 ** 30
/** 2020-01-01: a clock before it has lost its battery. */
const PLAUSIBLE_NOW = 1_577_836_800_000

/** Is this machine and this workspace fit to run? Looks at everything, changes nothing, throws for nothing. */
export async function doctor(desk: Desk): Promise<DoctorResult> {
  const inWorkspace = await desk.files.exists(QoConfig.path)
  const checks = [
    nodeCheck(desk.machine.node),
    clockCheck(desk.clock.now()),
    await attempt('disk', () => diskCheck(desk)),
    await attempt('git', () => gitCheck(desk)),
    ...(inWorkspace
      ? [
          ...(await configChecks(desk)),
          await attempt('state', () => stateCheck(desk)),
          await attempt('lake', () => lakeCheck(desk)),
          await attempt('venue', () => venueCheck(desk)),
        ]
      : [warning('workspace', `no workspace in ${desk.root}`, 'qo init')]),
  ]
  return {artifact: 'doctor@1', ok: checks.every(({state}) => state !== 'broken'), version: desk.version, checks}
}

const ok = (name: string, detail: string): DoctorCheck => ({name, state: 'ok', detail, next: null})
const warning = (name: string, detail: string, next: string): DoctorCheck => ({name, state: 'warning', detail, next})
const broken = (name: string, detail: string, next: string): DoctorCheck => ({name, state: 'broken', detail, next})

async function attempt(name: string, check: () => Promise<DoctorCheck>): Promise<DoctorCheck> {
  try {
    return await check()
  } catch (error) {
    const fault = error instanceof Fault ? error : null
    return broken(
      name,
      fault ? `${fault.what} ${fault.why}` : (error as Error).message,
      fault?.suggestions[0] ?? 'see above',
    )
  }
}

function nodeCheck(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = major > 20 || (major === 20 && minor >= 19)
  return fits ? ok('node', version) : broken('node', `${version} is older than 20.19`, 'install Node 20.19 or newer')
}

function clockCheck(now: number): DoctorCheck {
  return now > PLAUSIBLE_NOW
    ? ok('clock', isoOf(now))
    : broken('clock', `${isoOf(now)} cannot be right`, 'set the clock (NTP)')
}

async function diskCheck(desk: Desk): Promise<DoctorCheck> {
  const free = (await desk.machine.freeBytes()) / GIB
  const detail = `${free.toFixed(1)} GiB free`
  return free >= 2 ? ok('disk', detail) : broken('disk', `${detail}, orders are refused below 2`, 'free some space')
}

async function gitCheck(desk: Desk): Promise<DoctorCheck> {
  if ((await desk.git.head()) === null)
    return warning('git', 'no repository with a commit: unseal will refuse', 'git init && git commit')
  const identity = await desk.machine.gitIdentity()
  return identity === null
    ? warning('git', 'no identity: qo commits under the name qo', 'git config user.name "Your Name"')
    : ok('git', `commits as ${identity}`)
}

/** Every config that is there must parse; the limits file must be there. */
async function configChecks(desk: Desk): Promise<DoctorCheck[]> {
  const configs = ARTIFACTS.filter(({path}) => path.startsWith('configs/') && !path.includes('*'))
  const checks: DoctorCheck[] = []
  for (const artifact of configs) {
    if (!(await desk.files.exists(artifact.path))) {
      if (artifact.path === 'configs/selected_assets.yaml') continue
      const essential = artifact.path === 'configs/risk_limits.yaml'
      const report = essential ? broken : warning
      checks.push(report(artifact.path, 'missing', `qo init ${artifact.path}`))
    } else {
      const name = artifact.path
      checks.push(
        await attempt(name, async () => {
          await desk.files.read(artifact)
          return ok(name, artifact.id)
        }),
      )
    }
  }
  return checks
}

async function stateCheck(desk: Desk): Promise<DoctorCheck> {
  const mode = await desk.machine.mode(desk.stateDir)
  if (mode === null) return ok('state', 'no state yet: never traded here')
  const open = (mode & 0o077) !== 0
  const detail = `${desk.stateDir} has mode ${mode.toString(8)}`
  return open ? warning('state', `${detail}: others can look in`, `chmod 700 ${desk.stateDir}`) : ok('state', detail)
}

async function lakeCheck(desk: Desk): Promise<DoctorCheck> {
  const commits = await desk.lake.commits()
  return commits.length === 0
    ? warning('lake', 'empty', 'qo ingest')
    : ok('lake', `${commits.length} commits, chain intact`)
}

async function venueCheck(desk: Desk): Promise<DoctorCheck> {
  const {exchange} = await desk.files.read(QoConfig)
  if (isResearchOnly(exchange))
    return ok('venue', `${exchange} is research only: files are imported, nothing is traded`)
  if (exchange === 'sim') {
    const live = await desk.processes.liveSim()
    return live
      ? ok('venue', live.url)
      : warning('venue', 'no practice venue is running', 'qo sim serve --scenario demo &')
  }
  const venue = await desk.venue(exchange)
  try {
    await venue.info({type: 'exchangeStatus'})
    return ok('venue', `${venue.url} answers`)
  } catch {
    return warning('venue', `${venue.url} does not answer`, 'check the network; research works without it')
  }
}
