// What was said and what was heard, and the difference.

/** The text of one message: unlike any other, and it says when it was sent. */
export const payloadOf = ({ run, page, count, sentAt }) => `bot ${run} ${page} ${count} ${sentAt}`;

const PAYLOAD = /^bot ([a-z0-9]+) (\d+) (\d+) (\d+)$/;

/** Reads a payload; nothing when somebody else wrote the text. */
export function readPayload(text) {
    const found = PAYLOAD.exec(text.trim());
    return found && { run: found[1], page: Number(found[2]), count: Number(found[3]), sentAt: Number(found[4]) };
}

/** The value below which this share of the numbers lies; nothing of nothing. */
export function percentile(numbers, share) {
    if (numbers.length === 0) return undefined;
    const sorted = [...numbers].sort((one, other) => one - other);
    return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** How often a text stood below one that was written after it. */
function countOutOfOrder(sightings) {
    const last = new Map();
    let lastSeq = 0;
    let count = 0;
    for (const { author, number, seq } of sightings) {
        if (number < (last.get(author) ?? 0) || seq < lastSeq) count++;
        last.set(author, Math.max(number, last.get(author) ?? 0));
        lastSeq = Math.max(lastSeq, seq);
    }
    return count;
}

/**
 * Tallies one page. `sent` are the texts that all pages sent; `seen` is what stood on this page's screen, each message
 * once, in the order of its first appearance: `{text, message, seq, at}`.
 */
export function tallyPage(page, sent, seen, run) {
    const own = seen
        .map((sighting) => ({ ...sighting, payload: readPayload(sighting.text) }))
        .filter(({ payload }) => payload?.run === run);
    const times = new Map();
    for (const { text } of own) times.set(text, (times.get(text) ?? 0) + 1);
    const lost = sent.filter((text) => !times.has(text));
    const latencies = own
        .filter(({ payload, isLate }) => payload.page !== page && !isLate)
        .map(({ at, payload }) => Math.max(0, at - payload.sentAt));
    return {
        page,
        sent: sent.filter((text) => readPayload(text).page === page).length,
        heard: times.size,
        lost,
        doubled: [...times.values()].filter((count) => count > 1).length,
        outOfOrder: countOutOfOrder(
            own
                .filter(({ isLate }) => !isLate)
                .map(({ payload, seq }) => ({ author: payload.page, number: payload.count, seq })),
        ),
        late: own.filter(({ isLate }) => isLate).length,
        latencies,
    };
}

/** Whether the run was as it should be. */
export const isClean = (tallies) =>
    tallies.every(({ lost, doubled, outOfOrder }) => lost.length === 0 && doubled === 0 && outOfOrder === 0);

const ms = (value) => (value === undefined ? "–" : `${Math.round(value)} ms`);

/** The result as lines of text, one per page and one for all. */
export function reportLines(tallies) {
    const head = ["page", "sent", "heard", "lost", "doubled", "order", "late", "p50", "p99"];
    const rowOf = (name, { sent, heard, lost, doubled, outOfOrder, late, latencies }) =>
        [
            name,
            sent,
            heard,
            lost,
            doubled,
            outOfOrder,
            late,
            ms(percentile(latencies, 0.5)),
            ms(percentile(latencies, 0.99)),
        ].map(String);
    const sum = (field) => tallies.reduce((total, tally) => total + tally[field], 0);
    const all = {
        sent: sum("sent"),
        heard: sum("heard"),
        lost: tallies.reduce((total, { lost }) => total + lost.length, 0),
        doubled: sum("doubled"),
        outOfOrder: sum("outOfOrder"),
        late: sum("late"),
        latencies: tallies.flatMap(({ latencies }) => latencies),
    };
    const rows = tallies.map((tally) => rowOf(String(tally.page), { ...tally, lost: tally.lost.length }));
    const table = [head, ...rows, rowOf("all", all)];
    const widths = head.map((_, column) => Math.max(...table.map((row) => row[column].length)));
    return table.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join("  "));
}
