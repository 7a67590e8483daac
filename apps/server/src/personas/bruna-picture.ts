/** Bruna under a tall white hat, one eyebrow raised, spoon at the ready; tomato, cream and basil. */
export const brunaPicture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160">
<rect width="160" height="160" fill="#b52c1b"/>
<circle cx="80" cy="72" r="64" fill="#da4a33"/>
<path d="M54 48c-18 14-18 50-5 66h31V48z" fill="#43241f"/>
<path d="M106 48c18 14 18 50 5 66H80V48z" fill="#331815"/>
<path d="M14 160c2-28 24-40 52-44h28c28 4 50 16 52 44z" fill="#fff7ea"/>
<path d="M94 116c28 4 50 16 52 44H86z" fill="#ecd8bd"/>
<path d="M67 98h26v22c0 8-26 8-26 0z" fill="#cf946c"/>
<path d="M56 116c6 11 42 11 48 0l6 6c-5 11-17 15-24 15l-6 12-6-12c-7 0-19-4-24-15z" fill="#3f9166"/>
<path d="M86 137l18 14-14 3-10-15z" fill="#2f7651"/>
<path d="M74 137l-18 14 14 3 10-15z" fill="#4fa678"/>
<path d="M53 72c0-18 11-28 27-28s27 10 27 28c0 23-12 39-27 39S53 95 53 72z" fill="#f6cba5"/>
<path d="M80 44c16 0 27 10 27 28 0 23-12 39-27 39l2-22-7-2 6-19z" fill="#e3aa80"/>
<path d="M54 52h40c-8 10-26 12-37 10-3 5-4 10-5 18-4-9-3-21 2-28z" fill="#43241f"/>
<path d="M92 52h14c5 7 6 19 2 28-2-12-6-20-16-28z" fill="#331815"/>
<path d="M50 40a17 17 0 0 1 8-29 25 25 0 0 1 22-7v52c-12 0-22 1-28 3z" fill="#fffaf0"/>
<path d="M110 40a17 17 0 0 0-8-29 25 25 0 0 0-22-7v52c12 0 22 1 28 3z" fill="#efdfc8"/>
<path d="M51 42c18-5 40-5 58 0" fill="none" stroke="#d9c3a5" stroke-width="3"/>
<circle cx="68" cy="76" r="3.6" fill="#2a1512"/>
<circle cx="93" cy="76" r="3.6" fill="#2a1512"/>
<path d="M60 69l14 1M86 65c5-4 10-4 14 0" fill="none" stroke="#331815" stroke-width="3.4" stroke-linecap="round"/>
<path d="M71 97c7 3 14 1 19-5" fill="none" stroke="#8c2a22" stroke-width="3.4" stroke-linecap="round"/>
<circle cx="50" cy="94" r="4" fill="none" stroke="#ffcf6b" stroke-width="2.6"/>
<circle cx="110" cy="94" r="4" fill="none" stroke="#ffcf6b" stroke-width="2.6"/>
<path d="M120 160l8-50" fill="none" stroke="#b97a3c" stroke-width="6" stroke-linecap="round"/>
<ellipse cx="131" cy="94" rx="10" ry="15" fill="#c98a4b" transform="rotate(9 131 94)"/>
<ellipse cx="131" cy="93" rx="5.5" ry="9.5" fill="#a56a30" transform="rotate(9 131 93)"/>
</svg>`
