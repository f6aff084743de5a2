// What is said where there is no request for approval to show, and nothing that depends on one.
import { type Html, html } from "./html.ts";
import { layout } from "./layout.ts";
import { type Answer, METHODS } from "./response.ts";

const message = (heading: string, text: Html): Html => layout({ heading, content: html`<p>${text}</p>` });

/** One answer for all that leads nowhere: it tells nobody which links there are. */
export const unknownLink = (): Answer => ({
  status: 404,
  result: "unknown-link",
  page: message(
    "Unknown link",
    html`This link leads to no request for approval. Copy the whole of it from the mail: it may be broken over two lines.`,
  ),
});

export const methodNotAllowed = (): Answer => ({
  status: 405,
  result: "method-not-allowed",
  page: message(
    "Not possible here",
    html`This page knows ${METHODS.join(", ")} and nothing else. Nothing was decided.`,
  ),
});

export const tooLarge = (): Answer => ({
  status: 413,
  result: "too-large",
  page: message(
    "Too much was sent",
    html`Nothing was decided. Open the link from the mail again, and give a shorter reason.`,
  ),
});

export const unsupportedType = (): Answer => ({
  status: 415,
  result: "unsupported-type",
  page: message(
    "Not understood",
    html`Nothing was decided. Open the link from the mail again, and use the form on its page.`,
  ),
});

/** Whether a decision was counted before is not known here. */
export const unavailable = (): Answer => ({
  status: 503,
  result: "unavailable",
  page: message(
    "Not available just now",
    html`Open the link from the mail again in a minute: it shows how the request stands, and whether your decision was counted.`,
  ),
});
