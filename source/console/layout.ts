/** Where things are on a screen of a given size. */
export type Layout = {
	readonly columns: number;
	readonly rows: number;
	/** Rows between header and footer. */
	readonly body: number;
	/** Columns of the list of steps. */
	readonly left: number;
	/** Columns of the pane, without the line between and its margin. */
	readonly right: number;
	/** Rows of "If you stop now". */
	readonly stop: number;
	readonly small: boolean;
};

export const smallest = {columns: 60, rows: 16} as const;
/** Header: two rows and a rule. */
export const headerRows = 3;

export function layoutOf(columns: number, rows: number): Layout {
	const stop = columns < 78 || rows < 22 ? 1 : rows < 30 ? 2 : 3;
	const left = Math.max(26, Math.min(46, Math.round(columns * 0.4)));
	return {
		columns,
		rows,
		// Besides the header: a rule, the consequence, the keys.
		body: Math.max(1, rows - headerRows - 1 - stop - 1),
		left,
		// The line between and a space on either side of it, and a margin at the right.
		right: columns - left - 3,
		stop,
		small: columns < smallest.columns || rows < smallest.rows,
	};
}

/** First index of a window that shows so many of so many, with the chosen one inside and not at the edge. */
export function windowStart(chosen: number, rows: number, count: number): number {
	const margin = Math.min(2, Math.floor((rows - 1) / 2));
	return Math.max(0, Math.min(count - rows, Math.max(0, chosen - rows + 1 + margin)));
}
