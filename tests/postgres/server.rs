//! A PostgreSQL that is reached over TCP on this machine: with a certificate of an invented authority, and with passwords. It runs
//! as a user without rights and ends with the process that started it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The password of the superuser `owner`.
pub const PASSWORD: &str = "correct-horse-of-this-test";

/// Makes authorities, certificates and a cluster, and stays until its standard input ends.
const KEEPER: &str = r#"
trap '' INT TERM HUP
here=$(mktemp -d /tmp/letterpost-postgres.XXXXXX) || exit 1
fail() { cat "$here/log" >&2; rm -rf "$here"; exit 1; }
{
  cd "$here" && printf '%s' "$3" >password &&
  for authority in ours other; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Invented Authority ($authority)" \
      -keyout "$authority.key" -out "$authority.crt" || exit 1
  done &&
  printf 'subjectAltName=DNS:localhost\n' >names && printf 'extendedKeyUsage=clientAuth\n' >uses &&
  sign() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" &&
    openssl x509 -req -in "$1.csr" -CA ours.crt -CAkey ours.key -CAcreateserial -days 2 -extfile "$2" -out "$1.crt"
  } &&
  sign localhost names && sign certified uses && chmod 600 localhost.key &&
  "$1/initdb" --no-sync --auth-local trust --auth-host scram-sha-256 --username owner --pwfile password --encoding UTF8 \
    --locale C -D data &&
  printf 'local all all trust\nhostssl all certified 127.0.0.1/32 cert\nhost all all 127.0.0.1/32 scram-sha-256\n' \
    >data/pg_hba.conf &&
  "$1/pg_ctl" -D data -l log -w -s start -o "-k $here -p $2 -c listen_addresses=127.0.0.1 -c fsync=off -c ssl=on \
    -c ssl_cert_file=$here/localhost.crt -c ssl_key_file=$here/localhost.key -c ssl_ca_file=$here/ours.crt" </dev/null
} >>"$here/log" 2>&1 || fail
psql -X -q -h "$here" -p "$2" -U owner -d postgres -c 'CREATE ROLE certified LOGIN' \
  -c 'GRANT CONNECT ON DATABASE postgres TO certified' >>"$here/log" 2>&1 || fail
echo "$here"
read -r _
"$1/pg_ctl" -D "$here/data" -m immediate -s stop >/dev/null 2>&1
rm -rf "$here"
"#;

/// The server of this process. It is never dropped: its keeper sees this process end.
pub struct Server {
    /// Where its certificates lie.
    pub folder: PathBuf,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    _keeper: Child,
}

/// The server, started when it is first asked for.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

impl Server {
    /// An address of it: a login, a host, and what stands behind the question mark.
    pub fn url(&self, login: &str, host: &str, said: &str) -> String {
        format!("postgres://{login}@{host}:{}/postgres?{said}", self.port)
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

fn start() -> Server {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (programs, said) = (newest_programs(), port.to_string());
    let keep = ["sh", "-c", KEEPER, "keeper", programs.to_str().unwrap(), &said, PASSWORD];
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]).args(keep);
        command
    } else {
        let mut command = Command::new(keep[0]);
        command.args(&keep[1..]);
        command
    };
    let command = command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut keeper = command.spawn().expect("the tests need setpriv of util-linux, or a user that is not root");
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line.is_empty() {
        let mut said = String::new();
        keeper.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        panic!("PostgreSQL does not start: {said}");
    }
    Server { folder: PathBuf::from(line.trim_end()), port, _keeper: keeper }
}

fn newest_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("the tests need Debian's package 'postgresql'");
    let versions = versions.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok());
    let here = |version: u32| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
    let newest = versions.filter(|version| Path::new(&here(*version)).join("initdb").exists()).max();
    here(newest.expect("the tests need Debian's package 'postgresql'"))
}
