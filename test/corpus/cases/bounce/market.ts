export {bounceMarket as mistake, reversalMarket as control} from '../../markets.ts'
