import type { ChatError, StoredMessage } from '@parley/client'
import { type ReactNode, useEffect, useState } from 'react'
import { Link } from 'wouter'
import { Button, buttonClass } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { useStore } from '../ui/store.ts'
import { useChat } from './create-chat.ts'
import { Refusal } from './refusal.tsx'
import type { Fresh } from './use-fresh.ts'

interface NowhereProps {
  readonly personaId: string
  readonly sessionId: string | undefined
  readonly error: ChatError
  readonly onRetry: () => void
  readonly fresh: Fresh
}

/** In the place of a conversation that could not be opened: why, a way on, and what was not sent to it. */
export function Nowhere({ personaId, sessionId, error, onRetry, fresh }: NowhereProps) {
  const isGone = !error.retryable
  const { unsent, forget } = useUnsent(isGone ? sessionId : undefined)
  const text = unsent.map(({ content }) => content).join('\n\n')
  const begin = () => fresh.begin(personaId, { text, forget: () => unsent.forEach(forget) })
  return (
    <>
      <div role="alert">
        <h1 className="display-type mb-3 font-semibold text-3xl">
          {isGone ? 'There is nothing here' : 'This did not work'}
        </h1>
        <p className="mb-6 text-soft">
          <Refusal error={error} />
        </p>
      </div>
      {unsent.length > 0 && <NotSent unsent={unsent} onDiscard={forget} />}
      <p className="flex flex-wrap justify-center gap-3">
        {!isGone && (
          <Button shape="solid" onClick={onRetry}>
            Try again
          </Button>
        )}
        {unsent.length > 0 && (
          <Button shape="solid" disabled={fresh.isBusy} onClick={begin}>
            Take it to a new conversation
          </Button>
        )}
        <Link href="/" className={buttonClass(isGone && unsent.length === 0 ? 'solid' : 'quiet')}>
          All personas
        </Link>
      </p>
      {fresh.problem !== null && (
        <p role="alert" className="mt-3 text-danger text-sm">
          <Refusal error={fresh.problem} />
        </p>
      )}
    </>
  )
}

function NotSent({ unsent, onDiscard }: NotSentProps): ReactNode {
  return (
    <section aria-label="Not sent" className="mb-6">
      <h2 className="mb-3 font-medium text-soft text-sm">You wrote this here, and it was not sent:</h2>
      <ul className="max-h-[40vh] overflow-y-auto text-left">
        {unsent.map((message) => (
          <li key={message.clientMessageId} className="mb-3">
            <p
              dir="auto"
              className="whitespace-pre-wrap rounded-[1.35rem] border border-danger border-dashed bg-tint px-4 py-2.5 leading-relaxed"
            >
              {message.content}
            </p>
            <span className="mt-1 flex items-center justify-end">
              <CopyButton text={message.content} label="Copy message" />
              <Button shape="bare" onClick={() => onDiscard(message)}>
                Discard
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface NotSentProps {
  readonly unsent: readonly StoredMessage[]
  readonly onDiscard: (message: StoredMessage) => void
}

/** What this person wrote to a conversation that is gone. */
function useUnsent(sessionId: string | undefined) {
  const { client, outbox } = useChat()
  const userId = useStore(client.connection).identity?.userId
  const [unsent, setUnsent] = useState<readonly StoredMessage[]>([])
  useEffect(() => {
    let isGone = false
    setUnsent([])
    if (userId === undefined || sessionId === undefined) return
    // What cannot be read is not there.
    outbox.claim(userId, sessionId).then(
      (claimed) => {
        if (!isGone) setUnsent(claimed)
      },
      () => undefined,
    )
    return () => {
      isGone = true
    }
  }, [outbox, userId, sessionId])
  const forget = (message: StoredMessage) => {
    outbox.remove(message)
    setUnsent((all) => all.filter((other) => other !== message))
  }
  return { unsent, forget }
}
