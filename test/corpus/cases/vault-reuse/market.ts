export {endedMarket as mistake, lastingMarket as control} from '../../markets.ts'
