import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readOptions, UsageError } from "./options.mjs";
import { isClean, payloadOf, percentile, readPayload, reportLines, tallyPage } from "./tally.mjs";

const RUN = "abc123";
const say = (page, count, sentAt = 1_000) => payloadOf({ run: RUN, page, count, sentAt });
const see = (text, seq, more = {}) => ({ text, seq, message: `m${seq}`, at: 1_100, isLate: false, ...more });

describe("options", () => {
    it("have defaults", () => {
        const { target, browsers, seconds, room, rate } = readOptions([]);
        assert.deepEqual([target, browsers, seconds, room, rate], ["http://localhost:3001", 4, 30, "bots", 1]);
    });

    it("keep every number within its bounds", () => {
        for (const wrong of [
            ["--browsers", "21"],
            ["--browsers", "0"],
            ["--browsers", "2.5"],
            ["--browsers", "many"],
            ["--browsers", ""],
            ["--seconds", "301"],
            ["--rate", "6"],
            ["--room", "a b"],
            ["--target", "nonsense"],
            ["--target", "ftp://localhost"],
            ["--unknown"],
        ]) {
            assert.throws(() => readOptions(wrong), UsageError, wrong.join(" "));
        }
    });

    it("let only this machine be the target, unless another is named", () => {
        for (const own of ["http://localhost:1", "http://127.8.0.1", "http://[::1]:3", "http://chat.localhost"]) {
            assert.doesNotThrow(() => readOptions(["--target", own]), own);
        }
        const other = ["--target", "https://chat.example.org"];
        assert.throws(() => readOptions(other), /--i-own-this chat\.example\.org/);
        assert.throws(() => readOptions([...other, "--i-own-this", "example.org"]), UsageError);
        assert.throws(() => readOptions(["--target", "http://localhost.example.org"]), UsageError);
        assert.doesNotThrow(() => readOptions([...other, "--i-own-this", "chat.example.org"]));
    });
});

describe("the tally", () => {
    it("reads its own texts and no others", () => {
        assert.deepEqual(readPayload(say(2, 7)), { run: RUN, page: 2, count: 7, sentAt: 1_000 });
        assert.equal(readPayload("bot says hello"), null);
    });

    it("finds nothing wrong where nothing is", () => {
        const sent = [say(1, 1), say(2, 1)];
        const tally = tallyPage(1, sent, [see(sent[0], 1), see("hello", 2), see(sent[1], 3)], RUN);
        assert.deepEqual([tally.sent, tally.heard, tally.lost, tally.latencies], [1, 2, [], [100]]);
        assert.ok(isClean([tally]));
    });

    it("finds what is lost, doubled and out of order", () => {
        const sent = [say(1, 1), say(2, 1), say(2, 2)];
        const lost = tallyPage(1, sent, [see(sent[0], 1), see(sent[1], 2)], RUN);
        assert.deepEqual([lost.lost, isClean([lost])], [[sent[2]], false]);
        const all = sent.map((text, index) => see(text, index + 1));
        const doubled = tallyPage(1, sent, [...all, see(sent[1], 9)], RUN);
        assert.deepEqual([doubled.doubled, isClean([doubled])], [1, false]);
        const swapped = tallyPage(1, sent, [all[0], all[2], all[1]], RUN);
        assert.deepEqual([swapped.outOfOrder, isClean([swapped])], [1, false]);
    });

    it("does not take what was found by scrolling for lost, nor its time for a latency", () => {
        const sent = [say(2, 1), say(2, 2)];
        const tally = tallyPage(1, sent, [see(sent[1], 2), see(sent[0], 1, { isLate: true, at: 99_000 })], RUN);
        assert.deepEqual([tally.lost, tally.late, tally.outOfOrder, tally.latencies], [[], 1, 0, [100]]);
    });

    it("leaves the texts of other runs alone", () => {
        const other = payloadOf({ run: "zzz", page: 1, count: 1, sentAt: 1 });
        assert.equal(tallyPage(1, [], [see(other, 1), see(other, 2)], RUN).doubled, 0);
    });

    it("computes percentiles", () => {
        const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
        assert.deepEqual(
            [percentile(hundred, 0.5), percentile(hundred, 0.99), percentile([], 0.5)],
            [50, 99, undefined],
        );
    });

    it("lines its table up", () => {
        const sent = [say(1, 1), say(2, 1)];
        const lines = reportLines([
            tallyPage(
                1,
                sent,
                sent.map((text, index) => see(text, index)),
                RUN,
            ),
        ]);
        assert.equal(new Set(lines.map(({ length }) => length)).size, 1);
        assert.match(lines.at(-1), /all\s+1\s+2\s+0\s+0\s+0\s+0\s+100 ms\s+100 ms/);
    });
});
