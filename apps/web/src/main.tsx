import './no-eval.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { createAppState } from './app/create-app-state.ts'
import { followVisibleHeight } from './ui/visible-height.ts'

const root = document.getElementById('root')
if (!root) throw new Error('The page has no element #root.')
followVisibleHeight(document.documentElement)
// Made outside of React, whose development mode mounts everything twice: one page, one connection.
const state = createAppState()
createRoot(root).render(
  <StrictMode>
    <App {...state} />
  </StrictMode>,
)
