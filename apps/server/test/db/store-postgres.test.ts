import { describeWithPostgres } from '../services/describe-with.ts'
import { serverStage } from './stage.ts'
import { storeContract } from './store-contract.ts'

describeWithPostgres('the store on a PostgreSQL server', ({ createDatabase }) => {
  storeContract(async () => serverStage(await createDatabase()))
})
