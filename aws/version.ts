/** The version in package.json (a test compares them), for the user agent that AWS sees. */
export const VERSION = "0.1.0";
