import { configure } from "@testing-library/react";

// A second is short on two busy cores. What never comes fails all the same, and what comes is not waited for longer.
configure({ asyncUtilTimeout: 10_000 });
