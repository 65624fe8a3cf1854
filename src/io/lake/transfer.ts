/** What carries a lake from one place to another; loaded when a lake is carried. */
export {openDepot} from './depot.ts'
export {pullLake} from './pull-lake.ts'
export {pushLake} from './push-lake.ts'
