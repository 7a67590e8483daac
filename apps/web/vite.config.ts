import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

/**
 * The page is always on the origin of its server as the browser sees it: Vite passes on what is not
 * the page's own. `SERVER_URL` says where the server listens.
 */
// biome-ignore lint/style/noDefaultExport: Vite reads its configuration from the default export.
export default defineConfig(({ mode }) => {
  const { SERVER_URL: server = 'http://localhost:3000' } = loadEnv(mode, import.meta.dirname, ['SERVER_URL'])
  const proxy = { '/api': server, '/healthz': server, '/socket.io': { target: server, ws: true } }
  return {
    plugins: [react(), tailwind()],
    server: { port: 5173, strictPort: true, proxy },
    preview: { port: 5173, strictPort: true, proxy },
    // Fonts and pictures stay files, so that the page needs no `data:` in its content security policy.
    build: { assetsInlineLimit: 0, target: 'baseline-widely-available' },
  }
})
