import { errors, type Message } from '@parley/protocol'

/** Why a reply is not simply complete, and what the person may do about it. */
export interface ReplyEnd {
  readonly sentence: string
  readonly isError: boolean
  /** `again`: have the same answered anew; `continue`: ask for the rest. */
  readonly wayOn: 'again' | 'continue' | null
}

/** How a reply ended; null for one that is complete or not at its end, and for a person's message. */
export function endOf({ sender, status, error, finishReason }: Message): ReplyEnd | null {
  if (sender === 'user') return null
  if (status === 'stopped') return { sentence: 'You stopped this reply.', isError: false, wayOn: 'again' }
  if (status === 'failed' && error === 'RATE_LIMITED') {
    const sentence = 'You have used up what you may ask of the personas in one day. Try again tomorrow.'
    return { sentence, isError: true, wayOn: 'again' }
  }
  if (status === 'failed')
    return { sentence: errors[error ?? 'INTERNAL'].sentence, isError: true, wayOn: 'again' }
  if (status === 'blocked') {
    const sentence = 'This reply was withdrawn: it went against the rules of this server.'
    return { sentence, isError: true, wayOn: 'again' }
  }
  if (status !== 'complete') return null
  switch (finishReason) {
    case 'length':
      return { sentence: 'Cut off: the reply reached its limit.', isError: false, wayOn: 'continue' }
    case 'content_filter':
      return { sentence: "Cut off by the model provider's filter.", isError: true, wayOn: 'again' }
    default:
      return null
  }
}
