//! A whole service around one test, and people who use it.

use std::time::Duration;

use auth_svc::{App, Config, config};
use proto::{
    auth::{
        AuthenticateRequest, AuthenticateResponse, Client, GetUserRequest, Grant, LogInRequest,
        SignUpRequest, User, auth_service_server::AuthService, authenticate_request::Credential,
        get_user_request::By,
    },
    event::Kind,
    id::{Tenant, UserId},
    reason::Reason,
};
use rpc::{Caller, NatsChannel, Refusal};
use sqlx::PgPool;
use stream::Announcer;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Request, Status};

use crate::{moderation, neighbours::Neighbours};

/// A password that no rule refuses.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The bootstrap administrator's.
pub(crate) const ADMIN_PASSWORD: &str = "a long enough one";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) db: PgPool,
    pub(crate) nats: testkit::Nats,
    /// Taken by tests that go on without it.
    pub(crate) redis: Option<testkit::Redis>,
    pub(crate) config: Config,
    pub(crate) neighbours: Neighbours,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut config::Auth)) -> Self {
        let db = testkit::database(&[&stream::MIGRATOR, &auth_svc::MIGRATOR]).await;
        moderation::publish_contracts(&db).await;
        let (nats, redis) = tokio::join!(testkit::nats(), testkit::redis());
        let mut config = default_config(&redis.url);
        change(&mut config.auth);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let announcer = Announcer::start(nats.client.clone(), db.clone(), &tasks, stop.clone());
        let neighbours = Neighbours::start(&nats, &tasks, &stop).await;
        let channel = NatsChannel::new(nats.client.clone());
        let app = App::assemble(config.clone(), db.clone(), announcer, channel)
            .await
            .expect("assembles");
        Self {
            app,
            db,
            nats,
            redis: Some(redis),
            config,
            neighbours,
            tasks,
            stop,
        }
    }

    /// A world with the bootstrap administrator `root`, who is logged in.
    pub(crate) async fn with_admin() -> (Self, Grant) {
        let password = format!("root:{ADMIN_PASSWORD}");
        let world = Self::with(|auth| auth.bootstrap_admin = Some(password.into())).await;
        let root = world.log_in("root", ADMIN_PASSWORD).await;
        (world, root.expect("logs in"))
    }

    /// Starts another replica, or the same one after a restart.
    pub(crate) async fn replica(
        &self,
        change: impl FnOnce(&mut config::Auth),
    ) -> anyhow::Result<App> {
        let mut config = self.config.clone();
        change(&mut config.auth);
        let announcer = Announcer::start(
            self.nats.client.clone(),
            self.db.clone(),
            &self.tasks,
            self.stop.clone(),
        );
        let channel = NatsChannel::new(self.nats.client.clone());
        App::assemble(config, self.db.clone(), announcer, channel).await
    }

    pub(crate) async fn sign_up(&self, name: &str) -> Grant {
        let answer = self
            .app
            .sign_up(Request::new(sign_up(name, PASSWORD)))
            .await;
        answer
            .expect("signed up")
            .into_inner()
            .grant
            .expect("a grant")
    }

    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Result<Grant, Status> {
        log_in_at(&self.app, name, password).await
    }

    pub(crate) async fn authenticate(
        &self,
        credential: Credential,
    ) -> Result<AuthenticateResponse, Status> {
        authenticate_at(&self.app, credential).await
    }

    /// Returns the kinds and data of everything in a user's private feed.
    pub(crate) async fn feed(&self, user_id: UserId) -> Vec<(Kind, serde_json::Value)> {
        let rows = sqlx::query!(
            r#"select kind, data::text as "data!" from stream.event where stream_id = $1 order by seq"#,
            user_id.0
        );
        let rows = rows.fetch_all(&self.db).await.expect("reads");
        rows.into_iter()
            .map(|row| {
                let kind = Kind::from_number(row.kind).expect("a known kind");
                (kind, serde_json::from_str(&row.data).expect("json"))
            })
            .collect()
    }

    /// Asks for a person as somebody else sees them.
    pub(crate) async fn look_up(&self, asker: &Grant, name: &str) -> Result<User, Status> {
        let message = GetUserRequest {
            by: Some(By::Name(name.into())),
        };
        let answer = self.app.get_user(by(asker, message)).await?;
        Ok(answer.into_inner().user.expect("a user"))
    }

    /// Returns the names in the view that other services read.
    pub(crate) async fn people(&self) -> Vec<String> {
        let names = sqlx::query_scalar!(
            r#"select name as "name!" from auth.person where tenant_id = 'default' order by name_folded"#
        );
        names.fetch_all(&self.db).await.expect("reads")
    }

    /// Returns how many sessions other services take for live.
    pub(crate) async fn live_sessions(&self, user_id: UserId) -> i64 {
        let live = sqlx::query_scalar!(
            r#"select count(*) as "count!" from auth.live_session where user_id = $1"#,
            user_id.0
        );
        live.fetch_one(&self.db).await.expect("reads")
    }

    /// Waits until so many statements wait for a lock of somebody else.
    pub(crate) async fn until_waiting(&self, count: i64) {
        let waiting = async {
            loop {
                let waiting = sqlx::query_scalar!(
                    r#"
                    select count(*) as "count!"
                    from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'
                    "#
                );
                if waiting.fetch_one(&self.db).await.expect("reads") == count {
                    return;
                }
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        waited.expect("somebody waits");
    }

    /// Lets every job's pause be over, then does what is due.
    pub(crate) async fn run_jobs(&self) {
        let due = sqlx::query!("update auth.job set due_at = now() - interval '1 second'");
        due.execute(&self.db).await.expect("writes");
        run_jobs_at(&self.app).await;
    }

    /// Returns how many jobs there are.
    pub(crate) async fn jobs(&self) -> i64 {
        let jobs = sqlx::query_scalar!(r#"select count(*) as "count!" from auth.job"#);
        jobs.fetch_one(&self.db).await.expect("reads")
    }

    /// Makes every delay an hour longer, so that a slow machine cannot outlast one.
    pub(crate) async fn hold_delays(&self) {
        let held = sqlx::query!("update auth.login_delay set until = until + interval '1 hour'");
        held.execute(&self.db).await.expect("writes");
    }

    /// Empties Redis.
    pub(crate) async fn flush_redis(&self) {
        let redis = self.redis.as_ref().expect("redis runs");
        let client = redis::Client::open(redis.url.as_str()).expect("a url");
        let mut connection = client
            .get_multiplexed_async_connection()
            .await
            .expect("connects");
        redis::cmd("FLUSHALL")
            .exec_async(&mut connection)
            .await
            .expect("flushes");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn default_config(redis_url: &str) -> Config {
    Config {
        redis: service::RedisSettings::at(redis_url),
        auth: config::Auth {
            master_key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".into(),
            bootstrap_admin: None,
            rotation_days: 30,
            argon2: config::Argon2 {
                memory_kib: 19_456,
                passes: 2,
                lanes: 1,
                workers: 0,
                queue: 64,
            },
            sessions: config::Sessions {
                idle_days: 14,
                absolute_days: 90,
                admin_idle_minutes: 30,
                admin_absolute_hours: 12,
                cache_ttl_s: 60,
            },
            limits: config::Limits {
                address_per_minute: 1_000,
                account_failures: 5,
                account_delay_max_s: 900,
            },
        },
    }
}

/// Does what is due, as the background task does.
pub(crate) async fn run_jobs_at(app: &App) {
    while app.run_job().await.expect("runs") {}
}

pub(crate) async fn authenticate_at(
    app: &App,
    credential: Credential,
) -> Result<AuthenticateResponse, Status> {
    let credential = Some(credential);
    let request = AuthenticateRequest {
        credential,
        origin: String::new(),
        client: None,
    };
    app.authenticate(Request::new(request))
        .await
        .map(tonic::Response::into_inner)
}

pub(crate) async fn log_in_at(app: &App, name: &str, password: &str) -> Result<Grant, Status> {
    let answer = app.log_in(Request::new(log_in(name, password))).await?;
    Ok(answer.into_inner().grant.expect("a grant"))
}

pub(crate) fn client() -> Client {
    Client {
        address: "192.0.2.7".into(),
        agent: "it/1".into(),
    }
}

pub(crate) fn sign_up(name: &str, password: &str) -> SignUpRequest {
    SignUpRequest {
        tenant: "default".into(),
        username: name.into(),
        password: password.into(),
        client: Some(client()),
    }
}

pub(crate) fn log_in(name: &str, password: &str) -> LogInRequest {
    LogInRequest {
        tenant: "default".into(),
        username: name.into(),
        password: password.into(),
        client: Some(client()),
    }
}

pub(crate) fn user_id(grant: &Grant) -> UserId {
    let user = grant.user.as_ref().expect("a user");
    user.user_id.parse().expect("an id")
}

/// Makes a request as the serving layer hands it on for the grant's owner.
pub(crate) fn by<T>(grant: &Grant, message: T) -> Request<T> {
    let user = grant.user.as_ref().expect("a user");
    let caller = Caller {
        tenant: Tenant::default_tenant(),
        user_id: user_id(grant),
        name: user.name.clone(),
        is_admin: user.role() == proto::auth::Role::Admin,
        session_id: grant.session_id.parse().expect("an id"),
    };
    let mut request = Request::new(message);
    request.extensions_mut().insert(caller);
    request
}

pub(crate) fn session_of(grant: &Grant) -> Credential {
    Credential::SessionToken(grant.session_token.clone())
}

pub(crate) fn access_of(grant: &Grant) -> Credential {
    Credential::AccessToken(grant.access_token.clone())
}

/// Returns code and reason of a refusal.
pub(crate) fn refusal<T>(result: Result<T, Status>) -> (Code, Reason) {
    let Err(status) = result else {
        panic!("it was not refused")
    };
    let refusal = Refusal::of(&status);
    (refusal.code, refusal.reason)
}
