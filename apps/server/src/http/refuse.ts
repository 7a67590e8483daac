import type { HttpError } from '@parley/protocol'
import type { Response } from 'express'

/** Answers with an error of the contract. */
export function refuse(response: Response, status: number, error: HttpError['error']): void {
  response.status(status).json({ error })
}
