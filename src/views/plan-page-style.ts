/** The look of a plan's page, in light and dark. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --dim: #777; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { display: inline; font-size: 1.1rem; } h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
.mark, .why, small { color: var(--dim); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; } dt { color: var(--dim); }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem; border-bottom: 1px solid var(--line); text-align: right; }
tr > :first-child { text-align: left; } td.none { color: var(--dim); }
body > details { border-top: 1px solid var(--line); padding: .6rem 0; } summary { cursor: pointer; }
ul { list-style: none; margin: 0; padding: 0 0 0 1rem; } li { margin: .15rem 0; }
.change { color: #a60; } .run, .may-run, .unknown { color: #a3a; } .same { color: var(--dim); } .failed { color: #c22; }
pre { overflow-x: auto; margin: .3rem 0 .6rem; padding: .6rem; border: 1px solid var(--line); font-size: 13px; }
ins { color: #2a7d2a; text-decoration: none; } del { color: #c22; text-decoration: none; }
`;
