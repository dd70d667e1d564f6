//! The binary: parse, run, map to an exit code.

fn main() -> std::process::ExitCode {
    let code = std::panic::catch_unwind(gonogo::cli::main);
    let code = code.unwrap_or(gonogo::error::ExitCode::Internal);
    std::process::ExitCode::from(code.number())
}
