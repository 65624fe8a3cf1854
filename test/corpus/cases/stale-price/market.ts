export {indexMarket as mistake, tradedMarket as control} from '../../markets.ts'
