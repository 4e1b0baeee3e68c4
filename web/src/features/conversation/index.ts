/** Conversations: messages, threads, pins, and the search among them. */

export { forgetDrafts } from "./composer/drafts.ts";
export { ConversationScreen, type ConversationScreenProps } from "./screen/conversation-screen.tsx";
export { SearchScreen } from "./search/search-screen.tsx";
