import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {type AuditResult, auditVerify} from '../../operations/audit-verify.ts'

/** Layer 3 · cockpit. Reads every hash chain of the workspace, leaves reports/audit/heads.json when all are whole. */
export default class AuditVerify extends QoCommand<typeof AuditVerify, AuditResult> {
  static override summary = 'check every hash chain to the last byte; exit 4 names file and line'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --commit']

  perform(desk: Desk): Promise<AuditResult> {
    return auditVerify(desk)
  }

  render({chains, damage, anchors, path}: AuditResult): Ending {
    const broken = new Set(damage.map((item) => item.chain))
    const body = renderTable(
      ['', 'chain', 'path', 'entries', 'head'],
      chains.map(({chain, path: where, entries, heads}) => [
        broken.has(chain) ? 'BROKEN' : entries === 0 ? 'empty' : 'whole',
        chain,
        where,
        entries,
        heads.map((head) => head.slice(0, 12)).join(' ') || '-',
      ]),
      [3],
    )
    return {
      body: [body, ...damage.map((item) => `${item.path}:${item.line} ${item.why}`)].join('\n'),
      artifact: [path ?? 'none'],
      rationale: [
        damage.length === 0
          ? `every chain is whole; compared with ${anchors} earlier set(s) of heads`
          : `${damage.length} place(s) are not what was written; nothing behind them can be trusted`,
      ],
      next:
        damage.length === 0
          ? ['qo audit verify --commit, to anchor the heads in git', 'qo lake verify, for the data files themselves']
          : ['keep the damaged file as evidence, restore it from a copy, and find out who wrote it'],
    }
  }

  protected override statusOf({ok}: AuditResult): number {
    return ok ? 0 : EXIT.data
  }
}
