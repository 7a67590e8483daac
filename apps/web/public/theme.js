// Runs before the first frame, so that a page kept dark never flashes light. A file of its own,
// because the content security policy allows no inline script.
;(() => {
  try {
    const theme = localStorage.getItem('parley.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  } catch {
    // Storage is blocked: the page follows the system.
  }
})()
