/** Address of the account, from where one goes on to a path of the page. */
export function accountPath(from: string): string {
  return from.startsWith('/chat/') ? `/account?from=${encodeURIComponent(from)}` : '/account'
}

/** Where one came from to the account: a path of this page, whatever its address says. */
export function cameFrom(search: string): string {
  const from = new URLSearchParams(search).get('from') ?? '/'
  return /^\/chat\/[^\\]*$/.test(from) ? from : '/'
}
