export {dressedIndexMarket as mistake, tradedMarket as control} from '../../markets.ts'
