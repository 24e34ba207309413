/*
Two plays of a script differ in what time it is, how long something took and how large it was. Everything else
on their screens is the same.
*/

const changing: ReadonlyArray<readonly [RegExp, string]> = [
	[/\b\d{8}-\d{6}\b/g, 'RUN'],
	[/\b\d{4}-\d\d-\d\d\b/g, 'DATE'],
	[/\b\d+:\d\d(?::\d\d)?\b/g, 'TIME'],
	[/\b\d+(?:\.\d+)? (?=(?:k?B|MB|GB|ms|s)\b|秒)/g, '# '],
	[/\d+ %/g, '# %'],
	// Debian's version of a package.
	[/\b\d+(?:\.\d+)+-\d\S*\+deb\w+/g, 'VERSION'],
	// A state directory for one play.
	[/omflow-tui-media-\w{6}/g, 'STATE'],
	// What moves while something is at work.
	[/[⠀-⣿]/g, ' '],
	[/\.{2,3}(?= |$)/g, ''],
];

/** A screen as text that can be compared. `isLive`: without the pane of the step that is at work, and whether it has just ended. */
export function likeText(rows: readonly string[], isLive: boolean): string {
	const kept = isLive ? rows.map(row => row.replace(/│.*$/, '│').replace(/› \S (.*?\]).*│/, '› $1 │')) : rows;
	return `${kept.map(likeRow).join('\n').trimEnd()}\n`;
}

/** What was replaced may have been of any width, and so may be the room beside it. */
function likeRow(row: string): string {
	const replaced = changing.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), row);
	return (replaced === row ? row : replaced.replace(/ {2,}/g, '  ').replace(/─{2,}/g, '──')).trimEnd();
}
