// What every page has: one heading, its landmarks, and nothing from anywhere else.
import { type Html, html, trusted } from "./html.ts";
import { STYLE } from "./style.ts";

export interface PageParts {
  /** The one h1, and the title. */
  readonly heading: string;
  readonly content: Html;
}

export const layout = ({ heading, content }: PageParts): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${heading} · Doubletake</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header>Doubletake · request for approval</header>
<main>
<h1>${heading}</h1>
${content}
</main>
<footer>This page loads nothing from elsewhere and runs no script. Opening it decides nothing.</footer>
</body>
</html>
`;
