/** @file How the page looks: light and dark as the system is, and in one column of 360 px as well. */
export const style = `
:root { color-scheme: light dark; --line: light-dark(#c8ccd2, #4a4f57); --page: light-dark(#fff, #15171b); --soft: light-dark(#f4f5f7, #202329); --strong: light-dark(#1a4fa0, #8ab4f8); --bad: light-dark(#b3261e, #ff9a90); }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; background: var(--page); color: light-dark(#1b1d21, #e6e8eb); }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
p { margin: .25rem 0 1rem; overflow-wrap: anywhere; }
a { color: var(--strong); }
form, fieldset { display: grid; gap: .9rem; border: 0; margin: 0; padding: 0; min-width: 0; }
label { display: grid; gap: .25rem; font-weight: 600; }
.row { display: grid; gap: .9rem; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
.line { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
select, input, textarea, button { font: inherit; font-weight: 400; padding: .45rem .6rem; border: 1px solid var(--line); border-radius: .4rem; background: transparent; color: inherit; min-width: 0; width: 100%; }
select option { color: initial; background: initial; }
textarea, pre { font: 14px/1.45 ui-monospace, monospace; }
textarea { min-height: 14rem; resize: vertical; white-space: pre; }
button { width: auto; padding: .45rem 1.2rem; cursor: pointer; }
#send { background: var(--strong); border-color: var(--strong); color: light-dark(#fff, #10131a); font-weight: 600; }
:disabled { opacity: .6; cursor: default; }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
#message { margin: 1rem 0; min-height: 1.5em; }
.bad { color: var(--bad); }
ul { margin: .5rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; margin: .5rem 0; overflow: auto; max-height: 16rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow: auto; max-height: 32rem; }
table { border-collapse: collapse; }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line); white-space: nowrap; font-variant-numeric: tabular-nums; }
tr > :first-child { text-align: left; padding-left: 0; position: sticky; left: 0; background: var(--page); }
#copy { margin-bottom: 1.5rem; }
`;
