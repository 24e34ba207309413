import {type Marked, mark, t} from '../locales/index.js';

/*
The readers of settings.py and of the customer's code are programs in Python, which know no language: they give their
reasons in English, and here each is said as a person reads it. A test sees that none is missing.
*/

const fixed: readonly Marked[] = [
	mark('a calculation'),
	mark('a conditional expression'),
	mark('a deep expression'),
	mark('a formatted value'),
	mark('a function changes it'),
	mark('a long value'),
	mark('a look-up'),
	mark('a merged dictionary'),
	mark('a path relative to where OMFLOW is started'),
	mark('an attribute'),
	mark('an environment variable'),
	mark('an unpacked list'),
	mark('an unusual expression'),
	mark('an unusual value'),
	mark('another file is imported over it'),
	mark('it cannot be opened'),
	mark('it holds bytes that are not text'),
	mark('it is a list'),
	mark('it is changed after its assignment'),
	mark('it is imported'),
	mark('it is larger than 2 MiB'),
	mark('it is larger than 4 MiB'),
	mark('it is nested too deeply'),
	mark('it is nested too deeply, or too large'),
	mark('it is no dictionary'),
	mark('it is no file'),
	mark('it is no list'),
	mark('it is not a file'),
	mark('it is not set'),
	mark('it is not the name of a file'),
	mark('it is set inside a block, or deleted'),
	mark('it is set inside an expression'),
	mark('it may be changed by a call'),
	mark('it may be changed inside a block'),
	mark('it takes too much to read'),
	mark('its text is not understood'),
	mark('the file changes its own names while it runs'),
	mark('the file changes something unknown'),
	mark('unexpected kind of value'),
	mark('unexpected values'),
];

const withName: ReadonlyArray<readonly [pattern: RegExp, text: Marked]> = [
	[/^a call of (?<name>.+)$/, mark('a call of {name}')],
	[/^an expression \((?<name>\w+)\)$/, mark('an expression ({name})')],
	[/^the environment variable (?<name>.+)$/, mark('the environment variable {name}')],
	[/^the name (?<name>.+)$/, mark('the name {name}')],
	[
		/^it is not valid Python (?<name>[\d.]+) in line (?<line>\d+)$/,
		mark('it is not valid Python {name} in line {line}'),
	],
	[/^it is not valid Python (?<name>[\d.]+)$/, mark('it is not valid Python {name}')],
];

/** A reason of theirs; what the system itself says stays as it is. */
export function reasonInWords(reason: string): string {
	const known = fixed.find(text => (text as unknown as string) === reason);
	if (known !== undefined) {
		return t(known);
	}

	for (const [pattern, text] of withName) {
		const values = pattern.exec(reason)?.groups;
		if (values) {
			return t(text, {...values});
		}
	}

	return reason;
}
