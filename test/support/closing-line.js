// Jest reporter: one plain closing line for those who read a log's end, people and machines.
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = results;
    // A suite that could not even be loaded has no tests of its own to fail.
    const failed = numFailedTests > 0 ? numFailedTests : numFailedTestSuites;
    process.stdout.write(`\ntests: ${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`);
  }
}
