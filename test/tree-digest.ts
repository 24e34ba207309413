import {createHash} from 'node:crypto';
import type {ExcludeOptions} from '../source/host/files.js';
import {listTree} from '../source/host/walk.js';

/**
SHA-256 over everything that makes a tree what it is: paths, kinds, modes, owners, link targets, contents.
Times, extended attributes and hard links do not count. Two trees with the same digest are the same to a program.
*/
export async function treeDigest(path: string, options: ExcludeOptions = {}): Promise<string> {
	const hash = createHash('sha256');
	for await (const {content, gid, mode, path: name, uid} of listTree(path, options)) {
		hash.update(`${JSON.stringify([name, mode, uid, gid, content])}\n`);
	}

	return hash.digest('hex');
}
