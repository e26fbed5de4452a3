// Reads vitest's JSON report and closes a run with the line that CI reads: 'N passed, N failed'.
// usage: test-summary.ts REPORT STATUS, STATUS being vitest's exit status; ends with the status of the whole run
import { readFileSync } from 'node:fs';

interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; name: string; assertionResults: { status: string }[] }[];
}

const [reportFile = '', statusText = '1'] = process.argv.slice(2);
const report = readReport(reportFile);
// A file that fails before or outside its tests (an import, a hook) counts as one failure.
const failedFiles = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
for (const file of failedFiles) console.log(`Failed outside its tests: ${file.name}`);

const passed = report.numPassedTests;
const skipped = report.numPendingTests + report.numTodoTests;
let failed = report.numFailedTests + failedFiles.length;
let status = Number(statusText);
if (failed === 0 && status !== 0) failed = 1; // e.g. an unhandled rejection, which belongs to no test
if (failed > 0 && status === 0) status = 1;
if (passed + failed === 0) status = 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = status;

function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.log('vitest ended without a report.');
    return {
      success: false,
      numPassedTests: 0,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [],
    };
  }
}
