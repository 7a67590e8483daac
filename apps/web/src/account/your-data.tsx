import { DeleteAccount } from './delete-account.tsx'
import { ExportLink } from './export-link.tsx'
import { Section } from './section.tsx'

/** Takes everything along, or removes it; for guests too. */
export function YourData({ isGuest }: { isGuest: boolean }) {
  return (
    <Section
      title="Your data"
      lead={
        isGuest
          ? 'Everything that this server holds of you as a guest. You need no account to take it along or to delete it.'
          : 'Everything that this server holds of you: who you are, every conversation and every message.'
      }
    >
      <div className="flex flex-wrap gap-3">
        <ExportLink />
        <DeleteAccount isGuest={isGuest} />
      </div>
    </Section>
  )
}
