//! A PostgreSQL server of a test's own, with certificates that the test made. It goes with the test.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tempfile::TempDir;

use super::skip;

/// How a server speaks TLS. Its certificate is for `localhost`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// With a certificate of its authority.
    On,
    /// With one whose time is over.
    Expired,
    /// With the certificate of the authority itself.
    Authority,
    /// Only with it, and only with clients that show a certificate of the same authority.
    OfClients,
}

/// A server that runs.
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// None, with a remark, where PostgreSQL is not installed.
    pub fn start(tls: Tls) -> Option<Self> {
        let Some(programs) = programs() else {
            skip("no initdb of PostgreSQL is here");
            return None;
        };
        let cluster = Self { folder: tempfile::tempdir().unwrap(), programs, port: free_port() };
        cluster.write_certificates(tls);
        cluster.own();
        let data = cluster.path("data");
        must(
            cluster.program(
                "initdb",
                &["-D", &data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            ),
        );
        cluster.configure(tls);
        // Somebody else may have taken the port meanwhile.
        let mut cluster = cluster;
        for _ in 0..5 {
            let options = format!("-p {}", cluster.port);
            let log = cluster.path("log");
            let arguments = ["start", "-w", "-t", "120", "-D", &data, "-l", &log, "-o", &options];
            if cluster.program("pg_ctl", &arguments).status.success() {
                return Some(cluster);
            }
            cluster.port = free_port();
        }
        panic!("the server does not start: {}", std::fs::read_to_string(cluster.path("log")).unwrap_or_default());
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's URL, with a password that must not be told.
    pub fn url(&self, host: &str, parameters: &str) -> String {
        format!("postgres://tester:secret@{host}:{}/postgres{parameters}", self.port)
    }

    /// The file of the authority of its certificate.
    pub fn authority(&self) -> String {
        self.path("authority.pem")
    }

    /// The file of an authority that knows nothing of it.
    pub fn other_authority(&self) -> String {
        self.path("other.pem")
    }

    /// The files of a client's certificate and key.
    pub fn identity(&self) -> (String, String) {
        (self.path("client.pem"), self.path("client.key"))
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn write_certificates(&self, tls: Tls) {
        let authority = authority("the authority of the test");
        self.write("authority.pem", &authority.pem());
        self.write("other.pem", &self::authority("another authority").pem());
        let server = issue(&authority, "localhost", |params| {
            if tls == Tls::Expired {
                params.not_before = date_time_ymd(2001, 1, 1);
                params.not_after = date_time_ymd(2002, 1, 1);
            }
        });
        let server = match tls {
            Tls::Authority => (authority.pem(), authority.key().serialize_pem()),
            _ => server,
        };
        self.write("server.pem", &server.0);
        self.write("server.key", &server.1);
        let client = issue(&authority, "tester", |_| {});
        self.write("client.pem", &client.0);
        self.write("client.key", &client.1);
    }

    fn configure(&self, tls: Tls) {
        let mut settings = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nfsync = off\nssl = {}\n",
            self.folder.path().display(),
            if tls == Tls::Off { "off" } else { "on" },
        );
        if tls != Tls::Off {
            settings += &format!(
                "ssl_cert_file = '{}'\nssl_key_file = '{}'\n",
                self.path("server.pem"),
                self.path("server.key")
            );
        }
        if tls == Tls::OfClients {
            settings += &format!("ssl_ca_file = '{}'\n", self.authority());
            self.write(
                "data/pg_hba.conf",
                "local all all trust\nhostssl all all 127.0.0.1/32 trust clientcert=verify-full\n",
            );
        }
        let file = self.path("data/postgresql.conf");
        let before = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, before + &settings).unwrap();
    }

    /// Gives the folder to the user who runs the server: PostgreSQL does not run as root, and wants its key to be its own.
    fn own(&self) {
        let keys = [self.path("server.key")];
        must(Command::new("chmod").arg("0600").args(&keys).output().unwrap());
        if is_root() {
            must(Command::new("chown").args(["-R", "postgres", &self.path("")]).output().unwrap());
        }
    }

    /// Runs a program of PostgreSQL as the user who may.
    fn program(&self, name: &str, arguments: &[&str]) -> Output {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The server keeps what it is given: with a pipe of ours, we would wait for its end.
        let said = std::fs::File::create(self.folder.path().join("said")).unwrap();
        let status = command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(std::process::Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .status()
            .unwrap();
        Output { status, stdout: std::fs::read(self.folder.path().join("said")).unwrap(), stderr: Vec::new() }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.program("pg_ctl", &["stop", "-w", "-m", "immediate", "-D", &self.path("data")]);
    }
}

fn must(output: Output) {
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// The folder of PostgreSQL's programs: Debian keeps them by version, others in the path.
fn programs() -> Option<PathBuf> {
    let by_version = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = by_version.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name = subject(name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key, as PEM.
fn issue(
    authority: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
    change: impl FnOnce(&mut CertificateParams),
) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name = subject(name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut params);
    (params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

fn subject(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}
