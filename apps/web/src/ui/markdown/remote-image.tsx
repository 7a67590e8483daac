import { ImageIcon, ImageOff } from 'lucide-react'
import { useState } from 'react'

/**
 * A picture on another server. Its address may carry what was said here, so nothing is asked for until
 * a person, who sees where it would go, clicks.
 */
export function RemoteImage({ address, alt }: { address: string; alt: string }) {
  const [state, setState] = useState<'asking' | 'shown' | 'failed'>('asking')
  const host = new URL(address).host
  if (state === 'shown') {
    return (
      <img
        src={address}
        alt={alt}
        referrerPolicy="no-referrer"
        onError={() => setState('failed')}
        className="inline-block max-h-96 rounded-xl"
      />
    )
  }
  const Icon = state === 'failed' ? ImageOff : ImageIcon
  return (
    <button
      type="button"
      onClick={(event) => {
        event.preventDefault()
        setState('shown')
      }}
      className="my-1 inline-flex max-w-full items-center gap-3 rounded-xl border border-line border-dashed bg-card px-4 py-2.5 text-left text-sm hover:border-accent"
    >
      <Icon className="size-5 shrink-0 text-accent" aria-hidden="true" />
      <span className="min-w-0">
        <span className="block truncate">{alt || 'A picture'}</span>
        <span className="block text-soft text-xs">
          {state === 'failed' ? 'It could not be loaded. Try again from ' : 'Show it from '}
          <span className="font-medium">{host}</span>
        </span>
      </span>
    </button>
  )
}
