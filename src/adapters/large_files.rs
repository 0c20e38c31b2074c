//! Files that are too large to be held in memory: copies of databases, exports.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::durable::{self, UNFINISHED};
use super::files::FileError;

/// Bytes that are read at once.
const PORTION_BYTES: usize = 1 << 20;
/// The longest line that is read.
pub const LONGEST_LINE_BYTES: u64 = 1 << 20;
/// They are for their owner only.
const OWNER_ONLY: u32 = 0o600;

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { doing, path: path.clone(), source }
}

/// What a file is called until it is whole.
#[must_use]
pub fn unfinished(path: &Path) -> PathBuf {
    with_ending(path, UNFINISHED)
}

/// The path with something added to its name.
#[must_use]
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Makes an empty file for its owner only, in the place of one that may be there.
///
/// # Errors
/// [`FileError`].
pub fn make_empty(path: &Path) -> Result<(), FileError> {
    super::files::remove(path)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path);
    made.map(drop).map_err(failed("make", path))
}

/// Brings a file's bytes to the disk.
///
/// # Errors
/// [`FileError`].
pub fn sync(path: &Path) -> Result<(), FileError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(failed("bring to the disk", path))
}

/// A file's size in bytes and its SHA-256 in hexadecimal.
///
/// # Errors
/// [`FileError`].
pub fn digest(path: &Path) -> Result<(u64, String), FileError> {
    digest_of(path).map_err(failed("read", path))
}

fn digest_of(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut digest, mut portion) = (File::open(path)?, Sha256::new(), vec![0; PORTION_BYTES]);
    let mut size = 0;
    loop {
        let read = file.read(&mut portion)?;
        if read == 0 {
            return Ok((size, hex::encode(digest.finalize())));
        }
        digest.update(portion.get(..read).unwrap_or_default());
        size += read as u64;
    }
}

/// Copies a file to a path, in the place of what may be there, for its owner only, and brings it to the disk.
///
/// # Errors
/// [`FileError`].
pub fn copy(from: &Path, to: &Path) -> Result<(), FileError> {
    make_empty(to)?;
    let copied = File::open(from).and_then(|mut source| {
        let mut target = OpenOptions::new().write(true).open(to)?;
        io::copy(&mut source, &mut target)?;
        target.sync_all()
    });
    copied.map_err(failed("copy", from))
}

/// Gives a file a second name, which must be free, and makes the name durable. Where the disk has no second names, it is
/// copied.
///
/// # Errors
/// [`FileError`].
pub fn link_new(from: &Path, to: &Path) -> Result<(), FileError> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(failed("keep a copy in", to)(error)),
        Err(_) => copy(from, to)?,
        Ok(()) => {}
    }
    sync_folder_of(to)
}

/// Puts a file in the place of another in one step, and makes the name durable.
///
/// # Errors
/// [`FileError`].
pub fn take_place(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(failed("put in place", to))?;
    sync_folder_of(to)
}

fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    durable::sync_folder(folder).map_err(failed("make durable", path))
}

/// A file that is written piece by piece, and has its name when it is whole. Dropped before, it leaves nothing.
pub struct GrowingFile {
    path: PathBuf,
    unfinished: PathBuf,
    file: Option<BufWriter<File>>,
}

impl GrowingFile {
    /// Begins a file that will take the place of one that may be there.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn begin(path: &Path) -> Result<Self, FileError> {
        let unfinished = unfinished(path);
        let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(&unfinished);
        let file = opened.map_err(failed("write", path))?;
        Ok(Self { path: path.to_owned(), unfinished, file: Some(BufWriter::new(file)) })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes)).map_err(failed("write", &self.path))
    }

    /// Brings it to the disk under its name.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn finish(mut self) -> Result<(), FileError> {
        if let Some(file) = self.file.take() {
            let file =
                file.into_inner().map_err(io::IntoInnerError::into_error).map_err(failed("write", &self.path))?;
            file.sync_all().map_err(failed("write", &self.path))?;
            take_place(&self.unfinished, &self.path)?;
        }
        Ok(())
    }
}

impl Drop for GrowingFile {
    fn drop(&mut self) {
        if self.file.is_some() {
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

/// The lines of a file, one after another, without their ends.
///
/// # Errors
/// [`FileError`]; each line may be one too, where it cannot be read or is longer than [`LONGEST_LINE_BYTES`].
pub fn lines(path: &Path) -> Result<impl Iterator<Item = Result<Vec<u8>, FileError>> + Send + use<>, FileError> {
    let mut file = BufReader::new(File::open(path).map_err(failed("read", path))?);
    let path = path.to_owned();
    Ok(std::iter::from_fn(move || next_line(&mut file).map_err(failed("read", &path)).transpose()))
}

fn next_line(file: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    file.by_ref().take(LONGEST_LINE_BYTES + 1).read_until(b'\n', &mut line)?;
    if line.len() as u64 > LONGEST_LINE_BYTES {
        return Err(io::Error::other("a line is longer than a megabyte"));
    }
    if line.is_empty() {
        return Ok(None);
    }
    line.pop_if(|last| *last == b'\n');
    Ok(Some(line))
}
