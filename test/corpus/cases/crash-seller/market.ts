export {crashMarket as mistake, steadyMarket as control} from '../../markets.ts'
