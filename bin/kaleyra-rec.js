#!/usr/bin/env node
const { main } = require('../dist/main.js');

// Should it never come to its end, it has not ended well.
process.exitCode = 1;
main().then((exitCode) => {
  process.exitCode = exitCode;
});
