//! `[daemon]`: where it answers how it is.

use std::net::SocketAddr;

use super::kind::{Kind, text};
use super::section::Section;

/// Where it answers unless told otherwise.
const USUAL_PORT: u16 = 9464;

/// The address to listen on; `None` for none.
pub(super) fn listen(section: &Section<'_>) -> Option<SocketAddr> {
    section.or("listen", Some(SocketAddr::from(([127, 0, 0, 1], USUAL_PORT))), &loopback())
}

/// What is answered is for this machine: whoever watches from elsewhere has a program here that fetches it.
fn loopback() -> Kind<Option<SocketAddr>> {
    let write =
        "an address of this machine alone and a port between quotes, \"127.0.0.1:9464\" or \"[::1]:9464\", or \"off\"";
    text(write).then(|written| match written.as_str() {
        "off" => Some(None),
        address => address.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback()).map(Some),
    })
}
