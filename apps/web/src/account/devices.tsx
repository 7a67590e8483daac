import { Monitor, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { useNow } from '../ui/now.ts'
import { ago, dateAndTime } from '../ui/time.ts'
import { useAccount } from './account.ts'
import type { Device } from './account-api.ts'
import { deviceName, isHandheld } from './device-name.ts'
import { Problem } from './problem.tsx'
import { Section } from './section.tsx'
import { useAttempt } from './use-attempt.ts'
import { useLoaded } from './use-loaded.ts'

/** Where the person is signed in, this device first, and how to end that. `loginId` is the login here. */
export function Devices({ loginId }: { loginId: string }) {
  const { api } = useAccount()
  const { value: devices, problem, again } = useLoaded(api.devices)
  const { isBusy, problem: refusal, start } = useAttempt()
  const [done, setDone] = useState('')
  const end = (work: () => Promise<void>, sentence: string) =>
    start(async () => {
      setDone('')
      await work()
      await again()
      setDone(sentence)
    })
  const isOther = ({ id }: Device) => id !== loginId
  const sorted = [...(devices ?? [])].sort(
    (a, b) => Number(isOther(a)) - Number(isOther(b)) || Date.parse(b.updatedAt) - Date.parse(a.updatedAt),
  )
  return (
    <Section
      title="Devices"
      lead="Where you are signed in. A device that you sign out is told at once and can read and send nothing more."
    >
      {problem && (
        <div className="flex flex-col items-start gap-3">
          <Problem problem={problem} />
          <Button onClick={() => void again()}>Try again</Button>
        </div>
      )}
      {devices === undefined && !problem && <div className="h-16 animate-pulse rounded-2xl bg-sunken" />}
      <ul className="divide-y divide-line">
        {sorted.map((device) => (
          <DeviceRow
            key={device.id}
            device={device}
            isHere={!isOther(device)}
            isBusy={isBusy}
            onEnd={() =>
              end(() => api.signOutDevice(device.token), `${deviceName(device.userAgent)} is signed out.`)
            }
          />
        ))}
      </ul>
      <Problem problem={refusal} />
      <p role="status" className={done === '' ? 'sr-only' : 'mt-3 text-sm'}>
        {done}
      </p>
      {sorted.filter(isOther).length > 0 && (
        <Button
          className="mt-4"
          aria-disabled={isBusy}
          onClick={() => end(api.signOutOthers, 'All other devices are signed out.')}
        >
          Sign out everywhere else
        </Button>
      )}
    </Section>
  )
}

interface DeviceRowProps {
  readonly device: Device
  readonly isHere: boolean
  readonly isBusy: boolean
  readonly onEnd: () => void
}

function DeviceRow({ device, isHere, isBusy, onEnd }: DeviceRowProps) {
  const now = useNow(60_000)
  const name = deviceName(device.userAgent)
  const Icon = isHandheld(device.userAgent) ? Smartphone : Monitor
  return (
    <li className="flex items-center gap-4 py-3.5">
      <span className="grid size-11 shrink-0 place-items-center rounded-2xl bg-tint text-accent">
        <Icon aria-hidden="true" className="size-5" />
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-medium leading-snug">{name}</p>
        <p className="text-soft text-sm leading-snug" title={dateAndTime(device.updatedAt)}>
          {isHere ? (
            <strong className="font-semibold text-accent">This device</strong>
          ) : (
            `Last used ${ago(device.updatedAt, now)}`
          )}
          {`, signed in ${ago(device.createdAt, now)}`}
        </p>
      </div>
      {!isHere && (
        <Button aria-label={`Sign out ${name}`} aria-disabled={isBusy} onClick={onEnd}>
          Sign out
        </Button>
      )}
    </li>
  )
}
