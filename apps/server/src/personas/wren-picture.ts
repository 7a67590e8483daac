/** Wren with headphones and round glasses, a small wren on the shoulder; teal and coral. */
export const wrenPicture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160">
<rect width="160" height="160" fill="#0d6168"/>
<circle cx="80" cy="72" r="64" fill="#178087"/>
<circle cx="80" cy="60" r="45" fill="#2b1a20"/>
<circle cx="45" cy="76" r="17" fill="#2b1a20"/>
<circle cx="115" cy="76" r="17" fill="#1f1218"/>
<path d="M80 15a45 45 0 0 1 0 90z" fill="#1f1218"/>
<path d="M14 160c2-28 24-40 52-44h28c28 4 50 16 52 44z" fill="#f6e7cf"/>
<path d="M94 116c28 4 50 16 52 44H86z" fill="#e6d0b0"/>
<path d="M67 96h26v22c0 10-26 10-26 0z" fill="#7c4a33"/>
<path d="M58 116c4 12 40 12 44 0l6 5c-6 18-50 18-56 0z" fill="#ff8a65"/>
<path d="M52 66c0-20 12-30 28-30s28 10 28 30c0 24-12 42-28 42S52 90 52 66z" fill="#a86b48"/>
<path d="M80 36c16 0 28 10 28 30 0 24-12 42-28 42l2-21-7-2 6-21z" fill="#8f5739"/>
<path d="M50 68c0-24 14-36 30-36v15c-8 1-16 0-21-2-4 5-7 12-9 23z" fill="#2b1a20"/>
<path d="M80 32c16 0 30 12 30 36-3-12-9-19-17-22-4 1-8 1-13 1z" fill="#1f1218"/>
<path d="M38 74c-4-74 88-74 84 0" fill="none" stroke="#ff8a65" stroke-width="7" stroke-linecap="round"/>
<rect x="33" y="64" width="16" height="30" rx="8" fill="#ff8a65"/>
<rect x="111" y="64" width="16" height="30" rx="8" fill="#e96f4c"/>
<circle cx="67" cy="72" r="3.6" fill="#20141a"/>
<circle cx="93" cy="72" r="3.6" fill="#20141a"/>
<circle cx="67" cy="72" r="10" fill="none" stroke="#ffe3b3" stroke-width="3"/>
<circle cx="93" cy="72" r="10" fill="none" stroke="#ffe3b3" stroke-width="3"/>
<path d="M77 71c2-2 4-2 6 0" fill="none" stroke="#ffe3b3" stroke-width="3"/>
<path d="M60 57c4-3 9-3 13-1M87 56c4-2 9-2 13 1" fill="none" stroke="#20141a" stroke-width="3" stroke-linecap="round"/>
<path d="M70 92c5 6 15 6 20 0" fill="none" stroke="#4a231c" stroke-width="3.2" stroke-linecap="round"/>
<path d="M112 124c-2-12 8-19 18-16 3 1 4 3 5 5l6 2-6 3c-1 9-9 13-18 12-7 2-11 7-15 12l-2-8c4-2 8-5 12-10z" fill="#c98a4b"/>
<path d="M114 122c7-3 13 1 13 7-7 2-13 0-13-7z" fill="#94602f"/>
<circle cx="129" cy="114" r="2" fill="#20141a"/>
</svg>`
