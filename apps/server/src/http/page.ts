import { join } from 'node:path'
import express, { type Express } from 'express'
import helmet from 'helmet'

/**
 * Serves the built page: its files, which carry a hash of their content in their names, for good, and
 * `index.html` for every other address that a browser opens, since the page has routes of its own.
 *
 * @param folder what `vite build` made.
 */
export function addPage(app: Express, folder: string): void {
  app.use(
    '/assets',
    express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }),
  )
  app.use(express.static(folder, { index: false, maxAge: 0 }))
  app.get('/{*path}', (request, response, next) => {
    if (request.accepts('html') === false) return next()
    response.set('cache-control', 'no-cache').sendFile(join(folder, 'index.html'))
  })
}

/** Headers of every answer. The page runs its own scripts only, and talks to this server only. */
export function securityHeaders(secure: boolean) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        // Remote pictures are loaded when a person asks for one, and only then.
        'img-src': ["'self'", 'https:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
        ...(secure ? { 'upgrade-insecure-requests': [] } : {}),
      },
    },
    strictTransportSecurity: secure,
    crossOriginEmbedderPolicy: false,
  })
}
