export {lastingMarket as control, lastingMarket as mistake} from '../../markets.ts'
