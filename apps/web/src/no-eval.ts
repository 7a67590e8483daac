import { config } from 'zod'

// The page's content security policy forbids code made from text, which zod would try, and the browser
// would report, as soon as the first schema is made: so this has to be imported before every other module.
config({ jitless: true })
