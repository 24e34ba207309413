#!/usr/bin/env node
/*
Starts the program. Beside its bundle lies compiled code for one version of Node.js on one kind of processor;
where that does not fit, the bundle is compiled anew, and the first screen comes a little later.
*/
// Asked for in this way, built-in modules need no wrapping as ES modules: 4 ms.
const {readFileSync} = process.getBuiltinModule('node:fs');
const {createRequire} = process.getBuiltinModule('node:module');
const {Script} = process.getBuiltinModule('node:vm');

const folder = import.meta.dirname;
const filename = `${folder}/program.cjs`;
let cachedData;
try {
	cachedData = readFileSync(`${folder}/program-${process.version}-${process.arch}.cache`);
} catch {
	// Another Node.js than the one it was built with.
}

export const script = new Script(
	// On the first line of the bundle, so that line numbers hold.
	`(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`,
	{filename, cachedData},
);
const module = {exports: {}};
script.runInThisContext()(module.exports, createRequire(filename), module, filename, folder);
