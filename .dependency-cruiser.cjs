const layer = '^src/(sensory|selection|cognition|reflex|cockpit)/'
const packages = 'node_modules'
const nodeCore = ['core']

/** One named rule per row of the table "who may import whom" in docs/ARCHITECTURE.md. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: {circular: true, viaOnly: {dependencyTypesNot: ['type-only']}},
    },
    {name: 'layers-meet-in-artifacts', severity: 'error', from: {path: layer}, to: {path: layer, pathNot: '^src/$1/'}},
    {
      name: 'kernel-is-the-floor',
      severity: 'error',
      from: {path: '^src/kernel/'},
      to: {path: ['^src/', packages], pathNot: ['^src/kernel/', 'node_modules/@noble/hashes']},
    },
    {
      name: 'contracts-know-kernel-and-zod',
      severity: 'error',
      from: {path: '^src/contracts/'},
      to: {path: ['^src/', packages], pathNot: ['^src/(contracts|kernel)/', 'node_modules/zod']},
    },
    {
      name: 'layers-stay-pure',
      severity: 'error',
      from: {path: layer},
      to: {
        path: ['^src/(desk[a-z-]*\\.ts|operations|io|guard|sim|cli|commands)', packages],
        pathNot: ['node_modules/zod', 'node_modules/acorn'],
      },
    },
    {
      name: 'pure-code-has-no-node',
      severity: 'error',
      from: {path: '^src/(kernel|contracts|sensory|selection|cognition|reflex|cockpit|event-engine)/'},
      to: {dependencyTypes: nodeCore},
    },
    {
      name: 'desk-is-types-over-contracts',
      severity: 'error',
      from: {path: '^src/desk[a-z-]*\\.ts$'},
      to: {path: ['^src/', packages], pathNot: ['^src/(contracts|kernel)/', '^src/desk-', 'node_modules/zod']},
    },
    {
      name: 'io-knows-no-layer',
      severity: 'error',
      from: {path: '^src/io/', pathNot: '^src/io/workers/'},
      to: {path: [layer, '^src/(operations|guard|sim|cli|commands)/']},
    },
    {
      name: 'workers-only-hand-over',
      severity: 'error',
      from: {path: '^src/io/workers/'},
      to: {path: '^src/(operations|guard|sim|cli|commands)/'},
    },
    {
      name: 'guard-stays-small',
      severity: 'error',
      from: {path: '^src/guard/'},
      to: {
        path: ['^src/', 'node_modules/@duckdb', 'node_modules/@oclif'],
        pathNot: [
          '^src/(guard|kernel|contracts|reflex)/',
          '^src/desk\\.ts$',
          '^src/io/(files|journal|latch|lease|clock|venues|version)',
        ],
      },
    },
    {
      name: 'sim-stands-alone',
      severity: 'error',
      from: {path: '^src/sim/'},
      to: {
        path: ['^src/', 'node_modules/@duckdb', 'node_modules/@oclif'],
        pathNot: ['^src/(sim|kernel|contracts)/', '^src/io/venues/hyperliquid/signing'],
      },
    },
    {
      name: 'event-engine-joins-three',
      severity: 'error',
      from: {path: '^src/event-engine/'},
      to: {
        path: ['^src/', packages],
        pathNot: [
          '^src/(event-engine|kernel|contracts|reflex)/',
          '^src/cognition/backtest/',
          '^src/sim/(?!(feeds|exchange|info)/|(serve|server|run-sim|main|persistence|open-market|control)\\.ts)',
        ],
      },
    },
    {
      name: 'only-operations-run-events',
      severity: 'error',
      from: {path: '^src/', pathNot: '^src/(event-engine|operations)/'},
      to: {path: '^src/event-engine/'},
    },
    {
      name: 'operations-use-ports',
      severity: 'error',
      from: {path: '^src/operations/'},
      to: {path: ['^src/(io|cli|commands|guard|sim)/', packages], dependencyTypesNot: ['type-only']},
    },
    {
      name: 'operations-have-no-node',
      severity: 'error',
      from: {path: '^src/operations/'},
      to: {dependencyTypes: nodeCore},
    },
    {
      name: 'cli-knows-no-layer',
      severity: 'error',
      from: {path: '^src/cli/'},
      to: {path: [layer, '^src/(operations|commands|guard|sim)/']},
    },
    {
      name: 'commands-are-forms',
      severity: 'error',
      from: {path: '^src/commands/', pathNot: '^src/commands/(sim|guard)/serve\\.ts$'},
      to: {path: [layer, '^src/(io|guard|sim)/']},
    },
  ],
  options: {
    doNotFollow: {path: 'node_modules'},
    tsPreCompilationDeps: true,
    tsConfig: {fileName: 'tsconfig.json'},
    enhancedResolveOptions: {exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default']},
  },
}
