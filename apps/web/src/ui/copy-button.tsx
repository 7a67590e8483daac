import { Check, Copy, X } from 'lucide-react'
import { useEffect, useState } from 'react'

const ICONS = { idle: Copy, copied: Check, failed: X }

/** Puts `text` on the clipboard and shows for two seconds that it did. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), 2000)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
    } catch {
      setState('failed')
    }
  }
  const Icon = ICONS[state]
  const said = { idle: label, copied: 'Copied', failed: 'Could not copy' }[state]
  return (
    <button
      type="button"
      onClick={() => void copy()}
      aria-label={said}
      title={said}
      className="inline-flex size-7 items-center justify-center rounded-lg text-soft hover:bg-ink/8 hover:text-ink"
    >
      <Icon className="size-3.5" aria-hidden="true" />
    </button>
  )
}
