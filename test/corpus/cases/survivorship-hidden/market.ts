export {hiddenMarket as mistake, wholeMarket as control} from '../../markets.ts'
