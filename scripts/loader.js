#!/usr/bin/env node
/*
Starts the program. Beside its bundle lies compiled code for one version of Node.js on one kind of processor;
where that does not fit, the bundle is compiled anew, and the first screen comes a little later.
*/
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {Script} from 'node:vm';

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
