/** One row of a unified diff. A gap stands for lines left out because nothing changes there. */
export type DiffRow =
	| {readonly mark: ' ' | '-' | '+'; readonly text: string; readonly number: number}
	| {readonly mark: 'gap'; readonly count: number};

// Beyond this the middle is shown as taken out and put in: correct, only less fine.
const MOST_CELLS = 4_000_000;

/** Compares two texts line by line, with so many unchanged lines around each change. Numbers count from 1. */
export function diff(before: readonly string[], after: readonly string[], context = 2): DiffRow[] {
	let start = 0;
	while (start < before.length && start < after.length && before[start] === after[start]) {
		start++;
	}

	let tail = 0;
	while (
		tail < before.length - start &&
		tail < after.length - start &&
		before[before.length - 1 - tail] === after[after.length - 1 - tail]
	) {
		tail++;
	}

	const rows: DiffRow[] = before.slice(0, start).map((text, index) => ({mark: ' ', text, number: index + 1}));
	rows.push(...middle(before.slice(start, before.length - tail), after.slice(start, after.length - tail), start));
	for (let index = before.length - tail; index < before.length; index++) {
		rows.push({mark: ' ', text: before[index] ?? '', number: index - before.length + after.length + 1});
	}

	return withGaps(rows, context);
}

function middle(before: readonly string[], after: readonly string[], offset: number): DiffRow[] {
	const removed = (index: number): DiffRow => ({mark: '-', text: before[index] ?? '', number: offset + index + 1});
	const added = (index: number): DiffRow => ({mark: '+', text: after[index] ?? '', number: offset + index + 1});
	if (before.length * after.length > MOST_CELLS) {
		return [...before.map((_, index) => removed(index)), ...after.map((_, index) => added(index))];
	}

	// Longest common subsequence, the table filled from the end.
	const size = after.length + 1;
	const common = new Uint32Array((before.length + 1) * size);
	for (let i = before.length - 1; i >= 0; i--) {
		for (let j = after.length - 1; j >= 0; j--) {
			common[i * size + j] =
				before[i] === after[j]
					? (common[(i + 1) * size + j + 1] ?? 0) + 1
					: Math.max(common[(i + 1) * size + j] ?? 0, common[i * size + j + 1] ?? 0);
		}
	}

	const rows: DiffRow[] = [];
	let i = 0;
	let j = 0;
	while (i < before.length || j < after.length) {
		if (i < before.length && j < after.length && before[i] === after[j]) {
			rows.push({mark: ' ', text: before[i] ?? '', number: offset + j + 1});
			i++;
			j++;
		} else if (
			i < before.length &&
			(j >= after.length || (common[(i + 1) * size + j] ?? 0) >= (common[i * size + j + 1] ?? 0))
		) {
			rows.push(removed(i++));
		} else {
			rows.push(added(j++));
		}
	}

	return rows;
}

function withGaps(rows: readonly DiffRow[], context: number): DiffRow[] {
	const near = new Uint8Array(rows.length);
	for (const [index, row] of rows.entries()) {
		if (row.mark !== ' ') {
			near.fill(1, Math.max(0, index - context), index + context + 1);
		}
	}

	const result: DiffRow[] = [];
	let left = 0;
	for (const [index, row] of rows.entries()) {
		if (near[index] === 1) {
			if (left > 0) {
				result.push({mark: 'gap', count: left});
				left = 0;
			}

			result.push(row);
		} else {
			left++;
		}
	}

	return left > 0 && result.length > 0 ? [...result, {mark: 'gap', count: left}] : result;
}
