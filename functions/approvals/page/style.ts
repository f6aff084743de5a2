// The look of the page: one style sheet in the page itself, let in by its hash.
import { createHash } from "node:crypto";

export const STYLE = `
:root { color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d1f21; --soft: #565b61; --line: #d9d6cf;
  --accent: #0b5d5b; --on-accent: #ffffff; --warn: #8a2c0d; --warn-paper: #fdf0ea; --bar: #5f9693; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #15181a; --card: #1d2123; --ink: #e9e7e2; --soft: #a9afb4; --line: #3a4044;
  --accent: #6cc9c4; --on-accent: #0b1f1e; --warn: #ffb59a; --warn-paper: #35201a; --bar: #2f6f6c; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
header, main, footer { max-width: 44rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.25rem; color: var(--soft); font-size: 0.9375rem; }
footer { padding-top: 1rem; padding-bottom: 2.5rem; color: var(--soft); font-size: 0.875rem; }
h1, h2 { line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 1.625rem; letter-spacing: -0.01em; margin: 1rem 0 0.75rem; }
h2 { font-size: 1.1875rem; margin: 2.25rem 0 0.625rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
p, ul, ol, dl, table, figure { margin: 0 0 0.875rem; }
ul, ol { padding-left: 1.25rem; }
li { margin-bottom: 0.25rem; }
a { color: var(--accent); }
p, li, dd, td, blockquote { overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
.soft { color: var(--soft); }
.change { display: flex; align-items: baseline; gap: 0.625rem; font-size: 2rem; line-height: 1.2;
  font-variant-numeric: tabular-nums; margin: 0 0 0.75rem; }
.change b { color: var(--accent); font-weight: 650; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.375rem 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.375rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; }
thead td { width: 44%; }
tbody th { font-weight: 400; }
tbody th::first-letter { text-transform: uppercase; }
.notice { background: var(--warn-paper); border-left: 4px solid var(--warn); border-radius: 4px;
  padding: 0.875rem 1rem; margin: 0 0 1.25rem; }
.notice > :last-child { margin-bottom: 0; }
.notice tbody tr:last-child > * { border-bottom: 0; padding-bottom: 0; }
.notice strong, .error { color: var(--warn); }
del { color: var(--soft); }
ins { text-decoration: none; font-weight: 600; }
blockquote { margin: 0 0 0.875rem; padding: 0.25rem 0 0.25rem 1rem; border-left: 3px solid var(--line); white-space: pre-line; }
svg { display: block; width: 100%; height: 3.5rem; margin-bottom: 0.625rem; }
.run { fill: var(--bar); }
.both { fill: var(--accent); }
details { border-bottom: 1px solid var(--line); }
details:last-of-type { border-bottom: 0; }
summary { cursor: pointer; padding: 0.75rem 0; min-height: 2.75rem; }
pre { overflow-x: auto; margin: 0 0 1rem; padding: 0.875rem 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 6px; line-height: 1.45; }
form { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem; }
label { display: block; font-weight: 600; }
.hint { color: var(--soft); font-size: 0.9375rem; margin: 0.125rem 0 0.5rem; }
form + .hint { margin: 0.875rem 0; }
.error { font-weight: 600; margin: 0.25rem 0 0.5rem; }
input, textarea { display: block; width: 100%; font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--soft); border-radius: 6px; padding: 0.625rem 0.75rem; margin-bottom: 1.25rem; }
input { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  max-width: 14rem; min-height: 3rem; letter-spacing: 0.08em; text-transform: uppercase; }
textarea { min-height: 5rem; resize: vertical; }
[aria-invalid="true"] { border: 2px solid var(--warn); }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; }
button { font: inherit; font-weight: 600; min-height: 3rem; padding: 0.625rem 1.5rem; border-radius: 6px;
  border: 1px solid var(--ink); background: transparent; color: var(--ink); cursor: pointer; flex: 1 1 12rem; }
button.yes { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button[hidden] { display: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) {
  body { font-size: 1rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.5rem; }
}
@media print { form { display: none; } }
`;

/** As a content security policy names it. */
export const STYLE_HASH = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;
