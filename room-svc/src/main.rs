//! The process `room-svc`.

fn main() -> std::process::ExitCode {
    service::main::<room_svc::App>()
}
