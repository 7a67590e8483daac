/** Oriel in a hood, lit by the lantern that he holds; indigo night and amber. */
export const orielPicture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160">
<rect width="160" height="160" fill="#2d2674"/>
<circle cx="80" cy="72" r="64" fill="#3d3494"/>
<path d="M34 40l2 5 5 2-5 2-2 5-2-5-5-2 5-2zM128 30l2 6 6 2-6 2-2 6-2-6-6-2 6-2z" fill="#ffe2a0"/>
<circle cx="52" cy="22" r="2" fill="#ffe2a0"/>
<circle cx="20" cy="74" r="2" fill="#ffe2a0"/>
<circle cx="140" cy="66" r="2" fill="#ffe2a0"/>
<path d="M12 160c2-30 20-42 38-48h60c18 6 36 18 38 48z" fill="#5a46c4"/>
<path d="M80 112h30c18 6 36 18 38 48H80z" fill="#4835a6"/>
<path d="M80 14c-10 6-42 22-42 62 0 22 8 36 18 44h48c10-8 18-22 18-44 0-40-32-56-42-62z" fill="#6c57dc"/>
<path d="M80 14c10 6 42 22 42 62 0 22-8 36-18 44H80z" fill="#5440b8"/>
<path d="M80 34c-20 4-31 20-31 42 0 20 12 38 31 40 19-2 31-20 31-40 0-22-11-38-31-42z" fill="#15113a"/>
<path d="M55 72c0-18 11-27 25-27s25 9 25 27c0 20-10 34-25 34S55 92 55 72z" fill="#f2bb8a"/>
<path d="M80 45c14 0 25 9 25 27 0 20-10 34-25 34l1-20-7-2 6-18z" fill="#d9956a"/>
<path d="M55 78c4 4 8 6 12 6 5-3 9-3 13 0 4-3 8-3 13 0 4 0 8-2 12-6 3 24-8 52-25 60-17-8-28-36-25-60z" fill="#f4f0ff"/>
<path d="M80 84c4-3 8-3 13 0 4 0 8-2 12-6 3 24-8 52-25 60z" fill="#d3cbf2"/>
<path d="M72 93c5 4 11 4 16 0" fill="none" stroke="#7a4640" stroke-width="3.2" stroke-linecap="round"/>
<circle cx="68" cy="71" r="3.6" fill="#241a3a"/>
<circle cx="92" cy="71" r="3.6" fill="#241a3a"/>
<path d="M60 62c4-4 9-5 14-2M86 60c5-3 10-2 14 2" fill="none" stroke="#f4f0ff" stroke-width="4.4" stroke-linecap="round"/>
<path d="M92 160c4-14 14-22 26-22h16l6 22z" fill="#6c57dc"/>
<path d="M114 142c-2-10 22-10 20 0z" fill="#f2bb8a"/>
<circle cx="124" cy="114" r="38" fill="#ffc24d" opacity="0.14"/>
<circle cx="124" cy="114" r="26" fill="#ffc24d" opacity="0.26"/>
<path d="M124 78a6 6 0 0 1 6 6v8h-12v-8a6 6 0 0 1 6-6z" fill="none" stroke="#15113a" stroke-width="3"/>
<path d="M111 101h26l-3 28h-20z" fill="#ffc24d"/>
<path d="M124 101h13l-3 28h-10z" fill="#f5a62f"/>
<path d="M124 104c8 9 8 20 0 22-8-2-8-13 0-22z" fill="#fff6d6"/>
<path d="M107 102l11-12h12l11 12z" fill="#15113a"/>
<rect x="110" y="127" width="28" height="7" rx="2" fill="#15113a"/>
</svg>`
