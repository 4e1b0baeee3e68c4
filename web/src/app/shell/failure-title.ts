/** By command, what was not done. */
const TITLES: Readonly<Record<string, string>> = {
  "message.send": "The message was not sent",
  "dm.send": "The message was not sent",
  "message.edit": "The message was not changed",
  "message.delete": "The message was not deleted",
  "message.pin": "The message was not pinned",
  "message.unpin": "The message was not unpinned",
  "reaction.add": "The reaction was not added",
  "reaction.remove": "The reaction was not removed",
  "thread.create": "The thread was not begun",
  "friend.request": "The request was not sent",
  "friend.accept": "The request was not accepted",
  "friend.decline": "The request was not declined",
  "friend.cancel": "The request was not taken back",
  "friend.remove": "The friend was not removed",
  "block.add": "The person was not blocked",
  "block.remove": "The person was not unblocked",
  "presence.set": "Your status was not changed",
  "settings.update": "The setting was not changed",
  "notify.read": "The notifications were not marked as read",
};

export const failureTitle = (command: string): string => TITLES[command] ?? "This was not done";
