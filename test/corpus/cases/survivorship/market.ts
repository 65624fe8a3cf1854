export {survivorMarket as mistake, wholeMarket as control} from '../../markets.ts'
