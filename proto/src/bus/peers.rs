//! The table itself.

use super::{Calls, Hint, Peer};

const AUTH: &str = "hubbub.auth.v1.AuthService";
const MODERATION: &str = "hubbub.moderation.v1.ModerationService";
const SOCIAL: &str = "hubbub.social.v1.SocialService";
const ROOM: &str = "hubbub.room.v1.RoomService";
const STREAM: &str = "hubbub.stream.v1.StreamService";
const GATEWAY: &str = "hubbub.gateway.v1.GatewayService";

/// Whoever checks a token needs the keys.
const KEYS: Calls = Calls {
    service: AUTH,
    methods: &["GetKeys"],
};
/// Whoever commits tells it, and one of all tells where everybody's streams end.
const OF_A_LOG: &[Hint] = &[Hint::Events, Hint::Heads];
/// The same, for who also says what is never stored.
const OF_A_LOG_AND_EPHEMERA: &[Hint] = &[Hint::Events, Hint::Heads, Hint::Ephemera];

/// Every kind of process, in the order of starting.
pub const PEERS: [Peer; 5] = [
    Peer {
        name: "auth-svc",
        serves: &[AUTH, STREAM],
        serves_by_name: &[],
        calls: &[
            KEYS,
            Calls {
                service: ROOM,
                methods: &["RenameUser", "EraseUser"],
            },
            Calls {
                service: SOCIAL,
                methods: &["EraseUser"],
            },
            Calls {
                service: MODERATION,
                methods: &["EraseUser"],
            },
        ],
        calls_by_name: &[],
        tells: OF_A_LOG,
        hears: &[],
    },
    Peer {
        name: "moderation-svc",
        serves: &[MODERATION, STREAM],
        serves_by_name: &[],
        calls: &[
            KEYS,
            Calls {
                service: ROOM,
                methods: &["GetMessage", "ExplainMessage"],
            },
        ],
        calls_by_name: &[Calls {
            service: GATEWAY,
            methods: &["Disconnect", "Send", "Broadcast", "IsActive", "Explain"],
        }],
        tells: OF_A_LOG,
        hears: &[],
    },
    Peer {
        name: "social-svc",
        serves: &[SOCIAL, STREAM],
        serves_by_name: &[],
        calls: &[KEYS],
        calls_by_name: &[],
        tells: OF_A_LOG_AND_EPHEMERA,
        hears: &[],
    },
    Peer {
        name: "room-svc",
        serves: &[ROOM, STREAM],
        serves_by_name: &[],
        calls: &[
            Calls {
                service: AUTH,
                methods: &["GetKeys", "GetUser"],
            },
            Calls {
                service: MODERATION,
                methods: &["PullFilters", "FileAlert"],
            },
        ],
        calls_by_name: &[],
        tells: OF_A_LOG_AND_EPHEMERA,
        hears: &[],
    },
    Peer {
        name: "gateway",
        serves: &[],
        serves_by_name: &[GATEWAY],
        calls: &[
            Calls {
                service: AUTH,
                methods: OF_AUTH,
            },
            Calls {
                service: ROOM,
                methods: OF_ROOM,
            },
            Calls {
                service: SOCIAL,
                methods: OF_SOCIAL,
            },
            Calls {
                service: MODERATION,
                methods: OF_MODERATION,
            },
            Calls {
                service: STREAM,
                methods: &["Range", "Heads"],
            },
        ],
        calls_by_name: &[],
        tells: &[Hint::Ephemera],
        hears: &[Hint::Events, Hint::Heads, Hint::Ephemera],
    },
];

/// What people ask of auth-svc through a gateway, and what a gateway asks for itself.
const OF_AUTH: &[&str] = &[
    "SignUp",
    "LogIn",
    "LogOut",
    "Authenticate",
    "IssueToken",
    "IssueTicket",
    "ListSessions",
    "RevokeSession",
    "ChangePassword",
    "GetUser",
    "ListNames",
    "ChangeName",
    "DeactivateAccount",
    "ExportAccount",
    "EraseAccount",
    "ListAddresses",
    "ListUsers",
    "GetKeys",
];

/// What people ask of room-svc through a gateway, and what a gateway asks for itself.
const OF_ROOM: &[&str] = &[
    "CreateRoom",
    "ListRooms",
    "GetRoom",
    "JoinRoom",
    "LeaveRoom",
    "ListMembers",
    "InviteMember",
    "SetMemberRole",
    "ListMyRooms",
    "SendMessage",
    "ListMessages",
    "GetMessage",
    "EditMessage",
    "DeleteMessage",
    "SetReaction",
    "PinMessage",
    "ListPins",
    "SearchMessages",
    "CreateThread",
    "ListThreads",
    "MarkRead",
    "MarkDelivered",
    "ListReceipts",
    "UpdateRoom",
    "DeleteRoom",
    "TransferRoom",
    "KickMember",
    "BanMember",
    "UnbanMember",
    "ListRestrictions",
    "MuteMember",
    "UnmuteMember",
    "CreateInvite",
    "ListInvites",
    "RevokeInvite",
    "AcceptInvite",
    "OpenDirect",
    "ExportUser",
];

/// What people ask of social-svc through a gateway, and what a gateway asks for itself.
const OF_SOCIAL: &[&str] = &[
    "RequestFriend",
    "AcceptFriend",
    "DeclineFriend",
    "CancelFriend",
    "RemoveFriend",
    "ListFriends",
    "AddBlock",
    "RemoveBlock",
    "ListBlocks",
    "ListHidden",
    "GetSettings",
    "UpdateSettings",
    "SetPresence",
    "GetPresence",
    "ReportPresence",
    "ListNotifications",
    "ReadNotifications",
    "CountRelations",
    "ExportUser",
];

/// What people ask of moderation-svc through a gateway, and what a gateway asks for itself.
const OF_MODERATION: &[&str] = &[
    "CreateBan",
    "LiftBan",
    "ListBans",
    "PreviewBan",
    "ListEnforced",
    "MuteUser",
    "UnmuteUser",
    "WarnUser",
    "ReportContent",
    "ListReports",
    "UpdateReport",
    "CreateFilter",
    "DeleteFilter",
    "ListFilters",
    "ListAudit",
    "ListConnections",
    "Disconnect",
    "ExplainDelivery",
    "ReportConnections",
    "ExportUser",
];
