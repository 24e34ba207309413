import {dirname} from 'node:path/posix';

type Linking = {readonly name: string; readonly kind: string; readonly target?: string};

/** As many links in a row as Linux follows. */
const mostInARow = 40;

/** Where an archive's symbolic links lead when every link on the way is followed, as the kernel does. */
export class Links {
	readonly #targets: ReadonlyMap<string, string>;
	/** Each link is followed once, however many others lead to it. `undefined` also while it is being followed. */
	readonly #known = new Map<string, string | undefined>();

	constructor(members: readonly Linking[]) {
		const links = members.filter(({kind}) => kind === 'link');
		this.#targets = new Map(links.map(({name, target = ''}) => [name, target]));
	}

	has(name: string): boolean {
		return this.#targets.has(name);
	}

	/**
	Where a target leads from a directory, relative to the archive's root, which is `.` itself. Undefined when it
	is empty, leaves that root at any point, or goes in a circle. `..` behind a link starts from where that link leads,
	so the text of a target alone does not tell. What is not in the archive counts as a directory.
	*/
	resolve(from: string, target: string, inARow = 0): string | undefined {
		if (target === '' || target.startsWith('/') || inARow > mostInARow) {
			return undefined;
		}

		let at: string | undefined = from;
		for (const part of target.split('/')) {
			if (part === '..') {
				at = at === '.' ? undefined : dirname(at);
			} else if (part !== '' && part !== '.') {
				const name: string = at === '.' ? part : `${at}/${part}`;
				at = this.has(name) ? this.#follow(name, inARow) : name;
			}

			if (at === undefined) {
				return undefined;
			}
		}

		return at;
	}

	#follow(name: string, inARow: number): string | undefined {
		if (!this.#known.has(name)) {
			this.#known.set(name, undefined);
			this.#known.set(name, this.resolve(dirname(name), this.#targets.get(name) ?? '', inARow + 1));
		}

		return this.#known.get(name);
	}
}
