import type { ChatSession } from '@parley/client'
import { useEffect, useState } from 'react'
import { type Announcement, announce } from './announcement.ts'

/** Tells a screen reader once when a reply ends, and at once when something failed. Shows nothing. */
export function Announcer({ session }: { session: ChatSession }) {
  const [said, setSaid] = useState<Announcement | null>(null)
  useEffect(() => {
    let before = session.state.get()
    return session.state.subscribe(() => {
      const after = session.state.get()
      const announcement = announce(before, after, session.persona.name)
      before = after
      if (announcement) setSaid(announcement)
    })
  }, [session])
  return (
    <div className="sr-only">
      <p role="status" aria-live="polite">
        {said && !said.isUrgent ? said.text : ''}
      </p>
      <p role="alert" aria-live="assertive">
        {said?.isUrgent ? said.text : ''}
      </p>
    </div>
  )
}
