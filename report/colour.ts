// Colours as functions, so that a renderer asks for "red" and the plain report gets the text unchanged.
import { styleText } from "node:util";
import type { Severity, Verdict } from "../core/model/finding.ts";

type Paint = (text: string) => string;

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
  readonly cyan: Paint;
}

type Style = keyof Palette;

export function palette(colour: boolean): Palette {
  const paint =
    (style: Style): Paint =>
    (text) =>
      colour && text !== "" ? styleText(style, text, { validateStream: false }) : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    yellow: paint("yellow"),
    green: paint("green"),
    cyan: paint("cyan"),
  };
}

/** @param text the verdict or a part of it. */
export function paintVerdict(colours: Palette, verdict: Verdict, text: string): string {
  switch (verdict) {
    case "duplicating":
      return colours.red(text);
    case "at-risk":
    case "retrying":
      return colours.yellow(text);
    case "healthy":
      return colours.green(text);
    case "unknown":
      return colours.dim(text);
  }
}

export function paintSeverity(colours: Palette, severity: Severity): string {
  switch (severity) {
    case "critical":
    case "high":
      return colours.red(severity);
    case "medium":
      return colours.yellow(severity);
    case "low":
      return severity;
  }
}
