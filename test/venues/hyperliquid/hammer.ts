import {openInfoClient} from '../../../src/io/venues/hyperliquid/info-client.ts'
import {hostBudget} from '../../../src/io/venues/hyperliquid/weight-budget.ts'

/** A process that asks one venue as fast as its budget lets it, until it is killed. */
const url = process.argv[2]!
const client = openInfoClient({url, budget: hostBudget(url, Number(process.argv[3]))})
process.stdout.write('ready\n')
for (;;) await client.info({type: 'meta'})
