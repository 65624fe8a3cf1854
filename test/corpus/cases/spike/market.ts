export {spikeMarket as mistake, volumeMarket as control} from '../../markets.ts'
