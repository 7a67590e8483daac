import { Tabs } from '@base-ui/react/tabs'
import { MessagesSquare, MonitorSmartphone, ShieldCheck } from 'lucide-react'
import { useAccount } from './account.ts'
import { EntryForm } from './entry-form.tsx'
import { SignInElsewhere } from './sign-in-elsewhere.tsx'

const REASONS = [
  {
    Icon: MessagesSquare,
    name: 'Your conversations come along',
    text: 'Everything you have said here as a guest moves to the account, word for word.',
  },
  {
    Icon: MonitorSmartphone,
    name: 'On every device',
    text: 'Sign in on another one and go on where you left off, even in the middle of a reply.',
  },
  {
    Icon: ShieldCheck,
    name: 'Yours alone',
    text: 'See where you are signed in, end it from anywhere, take everything with you or delete it.',
  },
]

/** For a guest: why to have an account, and the ways into one. */
export function Join({ backTo }: { backTo: string }) {
  return (
    <div className="grid gap-9 lg:grid-cols-[minmax(0,1fr)_27rem] lg:gap-16">
      <div className="lg:pt-4">
        <h1 className="display-type mb-4 font-semibold text-[2.7rem] leading-none sm:text-6xl">
          Stay for longer.
        </h1>
        <p className="max-w-lg text-[1.05rem] text-soft leading-relaxed">
          You are a guest: your conversations hang on this one browser. With an account they are yours
          wherever you are.
        </p>
        <ul className="mt-8 hidden gap-6 sm:grid">
          {REASONS.map(({ Icon, name, text }) => (
            <li key={name} className="flex gap-4">
              <span className="grid size-11 shrink-0 place-items-center rounded-2xl bg-tint text-accent">
                <Icon aria-hidden="true" className="size-5" />
              </span>
              <div className="max-w-md">
                <h2 className="font-semibold">{name}</h2>
                <p className="text-soft text-sm leading-relaxed">{text}</p>
              </div>
            </li>
          ))}
        </ul>
      </div>
      <Ways backTo={backTo} />
    </div>
  )
}

const tabClass =
  'min-h-10 flex-1 rounded-full px-4 font-medium text-soft text-sm transition hover:text-ink data-active:bg-card data-active:text-ink data-active:shadow-card'

function Ways({ backTo }: { backTo: string }) {
  const account = useAccount()
  return (
    <Tabs.Root
      defaultValue="new"
      className="rounded-[1.75rem] border border-line bg-card p-5 shadow-card sm:p-7"
    >
      <Tabs.List
        aria-label="Ways into an account"
        className="mb-6 flex gap-1 rounded-full bg-sunken p-1"
        activateOnFocus
      >
        <Tabs.Tab value="new" className={tabClass}>
          Create account
        </Tabs.Tab>
        <Tabs.Tab value="known" className={tabClass}>
          Sign in
        </Tabs.Tab>
      </Tabs.List>
      <SignInElsewhere backTo={backTo} />
      <Tabs.Panel value="new" className="outline-none">
        <EntryForm name="Create account" isNew onEnter={(fresh) => account.signUp(fresh, backTo)}>
          <ComeAlong />
        </EntryForm>
      </Tabs.Panel>
      <Tabs.Panel value="known" className="outline-none">
        <EntryForm name="Sign in" isNew={false} onEnter={(login) => account.signIn(login, backTo)}>
          <ComeAlong />
        </EntryForm>
      </Tabs.Panel>
    </Tabs.Root>
  )
}

function ComeAlong() {
  return <p className="text-center text-soft text-xs">Your conversations come along.</p>
}
