import {holds, type Judgement, stageOf} from '../check.ts'

export interface RegisterInput {
  /** semantic hash of the hypothesis */
  readonly configuration: string
  readonly family: string
  readonly gridPoints: number
  /** the primary parameters are a point of the grid */
  readonly primaryInGrid: boolean
  /** an entry of the ledger stands before the first run */
  readonly inLedger: boolean
  readonly vault: {readonly id: string; readonly from: number; readonly to: number} | null
  /** false when the lake has no history of the venue that a vault could be cut from */
  readonly history: boolean
  /** what the hypothesis asked for, when it named a vault */
  readonly vaultNamed: string | null
  /** decision time of the registration, epoch ms */
  readonly registeredAt: number
  /** research read the vault's bars before this instant when history was too short to seal any; null: none of them */
  readonly readUntil: string | null
}

/** Stage 0: everything that could be chosen after the fact is written down before the first run. */
export function judgeRegister(input: RegisterInput): Judgement {
  const {vault, vaultNamed} = input
  const waiting = vault === null && vaultNamed === null && !input.history
  const name = vault?.id ?? vaultNamed ?? 'none'
  const gates = [
    holds('vault exists', vault !== null || waiting, name, {
      otherwise: 'INVALID',
      note: vault
        ? input.readUntil === null
          ? 'sealed before research data were read'
          : `sealed after research had read its bars before ${input.readUntil}: history was too short for a vault then`
        : waiting
          ? 'it is sealed with the first bars of the venue'
          : 'configs/vaults.yaml does not list it for the research venue',
    }),
    holds(
      'vault ends before registration',
      (vault?.to ?? 0) <= input.registeredAt && (vault !== null || waiting),
      name,
      {
        otherwise: 'INVALID',
        note: 'a vault that was still open when the idea was registered proves nothing',
      },
    ),
    holds('primary parameters are in the grid', input.primaryInGrid, input.primaryInGrid ? 'yes' : 'no', {
      otherwise: 'INVALID',
    }),
    holds('ledger entry before the first run', input.inLedger, input.inLedger ? 'yes' : 'no', {
      otherwise: 'INVALID',
    }),
  ]
  const points = `${input.gridPoints} ${input.gridPoints === 1 ? 'point' : 'points'}`
  return stageOf(0, 'register', gates, `Registered in family ${input.family} with a grid of ${points}.`)
}
