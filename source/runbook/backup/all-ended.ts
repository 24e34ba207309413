/** Waits for all of them before it fails: what still worked then would be in the way of the next try. */
export async function allEnded<Work extends readonly unknown[] | []>(
	work: Work,
): Promise<{-readonly [Each in keyof Work]: Awaited<Work[Each]>}> {
	await Promise.allSettled(work);
	return Promise.all(work);
}
