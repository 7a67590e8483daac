import { Download } from 'lucide-react'
import { buttonClass } from '../ui/button.tsx'
import { EXPORT_PATH } from './account-api.ts'

/** Downloads everything as one file. */
export function ExportLink() {
  return (
    <a href={EXPORT_PATH} download="parley-export.json" className={buttonClass('quiet')}>
      <Download aria-hidden="true" className="size-4 text-accent" />
      Download as JSON
    </a>
  )
}
