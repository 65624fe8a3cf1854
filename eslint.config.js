import tseslint from 'typescript-eslint'

const pure = [
  'src/kernel',
  'src/contracts',
  'src/sensory',
  'src/selection',
  'src/cognition',
  'src/reflex',
  'src/cockpit',
]

/** Typed rules only for the bugs that lose money: a forgotten await, an error never thrown, a hidden clock. */
export default tseslint.config(
  {ignores: ['dist/**', 'node_modules/**', 'bin/**', '*.config.*', '.dependency-cruiser.cjs', 'coverage/**']},
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'docs/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: {project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname},
    },
    plugins: {'@typescript-eslint': tseslint.plugin},
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      '@typescript-eslint/only-throw-error': 'error',
      'no-new': 'error',
    },
  },
  {
    files: [...pure.map((folder) => `${folder}/**/*.ts`), 'src/operations/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'time is desk.asOf'},
        {selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'time is desk.asOf'},
        {selector: "CallExpression[callee.name='Date']", message: 'time is desk.asOf'},
        {selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'chance is a seed'},
      ],
    },
  },
)
