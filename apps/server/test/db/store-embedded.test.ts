import { describe } from 'vitest'
import { embeddedStage } from './stage.ts'
import { storeContract } from './store-contract.ts'

describe('the store on the embedded database', () => {
  storeContract(embeddedStage)
})
