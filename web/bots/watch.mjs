// Runs inside the page: notes each message of the log when it first stands on the screen as sent.

/** Installed by its text; it can use nothing from outside itself. */
export function watchLog() {
    const seen = [];
    const known = new Set();
    const state = { seen, isLate: false };
    const look = () => {
        const log = document.querySelector('[role="log"][aria-label="Messages"]');
        if (!log) return;
        for (const row of log.querySelectorAll('[data-message][data-status="sent"]')) {
            const { message, seq } = row.dataset;
            if (known.has(message)) continue;
            const body = row.querySelector("[data-body]");
            if (!body) continue;
            known.add(message);
            seen.push({ message, seq: Number(seq), text: body.textContent, at: Date.now(), isLate: state.isLate });
        }
    };
    new MutationObserver(look).observe(document.body, {
        subtree: true,
        childList: true,
        attributes: true,
        attributeFilter: ["data-status", "data-message"],
    });
    look();
    window.bots = state;
}

/** Goes up the log by most of a screen; says whether there was anywhere to go. */
export function scrollUp() {
    window.bots.isLate = true;
    const log = document.querySelector('[role="log"][aria-label="Messages"]');
    const before = log.scrollTop;
    log.scrollTop -= log.clientHeight * 0.8;
    return log.scrollTop < before;
}
