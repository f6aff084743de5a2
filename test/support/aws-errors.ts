/** An error as the SDK throws it when AWS answers with an error code. */
export function awsError(
  code: string,
  { status = 400, message = "" }: { status?: number; message?: string } = {},
): Error {
  return Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: status } });
}

/** An error as Node's network throws it, e.g. `networkError("ENOTFOUND", "getaddrinfo ENOTFOUND host")`. */
export function networkError(code: string, message = ""): Error {
  return Object.assign(new Error(message), { code });
}
