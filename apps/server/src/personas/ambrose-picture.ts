/** Ambrose the tortoise in spectacles, chewing a sprig; ochre, moss and bark. */
export const ambrosePicture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160">
<rect width="160" height="160" fill="#d8982a"/>
<circle cx="80" cy="72" r="64" fill="#efbd55"/>
<path d="M10 160c0-46 24-84 70-84v84z" fill="#6f4a2b"/>
<path d="M150 160c0-46-24-84-70-84v84z" fill="#573820"/>
<path d="M26 124l14-22 18 2 2 26-18 10zM22 134l16 10 2 16H16c0-10 2-18 6-26z" fill="#8f643c"/>
<path d="M134 124l-14-22-18 2-2 26 18 10zM138 134l-16 10-2 16h24c0-10-2-18-6-26z" fill="#6f4a2b"/>
<path d="M46 160c0-24 12-42 34-42v42z" fill="#f3dda0"/>
<path d="M114 160c0-24-12-42-34-42v42z" fill="#dcbf7a"/>
<path d="M60 88h40l4 36c-8 12-40 12-48 0z" fill="#6d8a48"/>
<path d="M60 112c10 6 30 6 40 0M58 121c12 7 32 7 44 0" fill="none" stroke="#55703a" stroke-width="3" stroke-linecap="round"/>
<path d="M46 64c0-24 15-38 34-38s34 14 34 38c0 22-15 38-34 38S46 86 46 64z" fill="#98b569"/>
<path d="M80 26c19 0 34 14 34 38 0 22-15 38-34 38z" fill="#7b9a50"/>
<path d="M66 36c4-4 10-5 14-5v9c-5 2-10 2-15 0zM55 46l7-6 3 6-8 6z" fill="#86a558"/>
<path d="M94 36c-4-4-10-5-14-5v9c5 2 10 2 15 0zM105 46l-7-6-3 6 8 6z" fill="#6b8a44"/>
<path d="M57 82c9 11 37 11 46 0" fill="none" stroke="#3c5127" stroke-width="3.2" stroke-linecap="round"/>
<circle cx="64" cy="64" r="12" fill="#fff6dd"/>
<circle cx="96" cy="64" r="12" fill="#f1e2bd"/>
<circle cx="66" cy="66" r="4.6" fill="#2c2416"/>
<circle cx="94" cy="66" r="4.6" fill="#2c2416"/>
<path d="M52.7 60a12 12 0 0 1 22.6 0z" fill="#86a558"/>
<path d="M84.7 60a12 12 0 0 1 22.6 0z" fill="#6b8a44"/>
<circle cx="64" cy="64" r="12" fill="none" stroke="#4a2d18" stroke-width="3.4"/>
<circle cx="96" cy="64" r="12" fill="none" stroke="#4a2d18" stroke-width="3.4"/>
<path d="M76 63c2-3 6-3 8 0" fill="none" stroke="#4a2d18" stroke-width="3.4"/>
<circle cx="76" cy="79" r="1.6" fill="#55703a"/>
<circle cx="84" cy="79" r="1.6" fill="#55703a"/>
<path d="M98 87c10 3 20 1 30-7" fill="none" stroke="#3f6b35" stroke-width="3" stroke-linecap="round"/>
<path d="M114 86c2-10 8-14 16-14 0 8-6 14-16 14z" fill="#4f8a44"/>
<path d="M118 85c8 0 14 4 16 11-8 1-14-3-16-11z" fill="#3f6b35"/>
</svg>`
