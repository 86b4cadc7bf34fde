// Makes jsonc-parser.js out of the unpacked npm package, which has only split modules:
//   node build-jsonc-parser.mjs PACKAGE_FOLDER > jsonc-parser.js
// Each module of lib/umd is taken as it is, inside a function; `require` looks in this file only.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const module = (part) => readFileSync(join(folder, 'lib', 'umd', `${part}.js`), 'utf8').trim();
const parts = ['impl/string-intern', 'impl/scanner', 'impl/format', 'impl/parser', 'impl/edit', 'main'].map(
  (part) => `parts['${part.split('/').pop()}'] = function (module, exports, require) {\n${module(part)}\n};\n`,
);

process.stdout.write(`/*! ${name} ${version}, ${license}, Copyright (c) Microsoft Corporation; put together by build-jsonc-parser.mjs */
(function () {
'use strict';
var parts = {}, made = {};
function load(address) {
  var name = address.split('/').pop();
  if (!made[name]) {
    made[name] = { exports: {} };
    parts[name](made[name], made[name].exports, load);
  }
  return made[name].exports;
}
${parts.join('')}window.jsoncParser = load('main');
})();
`);
