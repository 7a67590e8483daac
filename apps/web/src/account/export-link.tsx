import { routes } from '@parley/protocol'
import { Download } from 'lucide-react'
import { buttonClass } from '../ui/button.tsx'

/** Downloads everything as one file. */
export function ExportLink() {
  return (
    <a href={routes.export.path} download="parley-export.json" className={buttonClass('quiet')}>
      <Download aria-hidden="true" className="size-4 text-accent" />
      Download as JSON
    </a>
  )
}
