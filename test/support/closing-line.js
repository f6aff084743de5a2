// Jest reporter: one plain closing line for those who read a log's end, people and machines.
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = results;
    // A suite that could not even be loaded has no tests of its own to fail.
    const failed = numFailedTests > 0 ? numFailedTests : numFailedTestSuites;
    const line = `tests: ${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`;
    // After Jest's own summary, which is printed last of all reporters.
    process.once("exit", () => process.stdout.write(`\n${line}\n`));
  }
}
