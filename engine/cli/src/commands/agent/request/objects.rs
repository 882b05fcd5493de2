//! The objects of all packets as one document: a SIF_Message with one SIF_Response, as the first packet's header has it.

use std::io::{BufWriter, Stdout, Write};
use std::path::Path;

use sif::message::{Header, Message, MessageWriter, Version};

use crate::exit::Exit;
use crate::output::{WholeFile, cannot_write};
use crate::terminal;

/// Where the data goes.
enum Sink {
    Screen(BufWriter<Stdout>),
    File(WholeFile),
}

impl Sink {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Screen(screen) => screen,
            Self::File(file) => file,
        }
    }
}

/// The data of packets, written as it comes.
pub struct Objects {
    sink: Sink,
    /// What ends the document.
    suffix: Vec<u8>,
    /// Whether rows are written, and no objects.
    is_rows: bool,
    count: u64,
}

/// Stands for the data while the document around it is made. No value can hold it, for values are escaped.
const DATA: &str = "<?data?>";

impl Objects {
    /// Begins the document with the first packet.
    pub fn begin(out: Option<&Path>, first: Option<&Message>) -> Result<Self, Exit> {
        let sink = match out {
            None => Sink::Screen(BufWriter::new(std::io::stdout())),
            Some(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                Sink::File(WholeFile::create(folder, &name).map_err(|error| failed(&error))?)
            }
        };
        let header = first.map(|message| message.header.clone()).unwrap_or_default();
        let (headers, _) = first.map(agent::rows).unwrap_or_default();
        let is_rows = !headers.is_empty();
        let version = first.map_or(Version::V2_4, |message| message.version);
        let request_id = first.and_then(|message| message.value("SIF_RequestMsgId")).unwrap_or_default();
        let whole = envelope(version, &header, &request_id, is_rows.then_some(headers.as_slice()));
        let (prefix, suffix) = whole.split_once(DATA).unwrap_or((&whole, ""));
        let mut objects = Self { sink, suffix: suffix.as_bytes().to_vec(), is_rows, count: 0 };
        objects.write(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        objects.write(prefix.as_bytes())?;
        objects.write(b"\n")?;
        Ok(objects)
    }

    /// Writes what a packet holds, each object or row on a line of its own.
    pub fn add(&mut self, message: &Message) -> Result<(), Exit> {
        let items = if self.is_rows { agent::rows(message).1 } else { agent::objects(message) };
        for item in items {
            self.write(&item)?;
            self.write(b"\n")?;
            self.count += 1;
        }
        // Before the packet is acknowledged, so that the zone keeps it until it is here.
        self.sink.writer().flush().map_err(|error| failed(&error))
    }

    /// How many objects or rows there are.
    pub fn count(&self) -> String {
        let word = if self.is_rows { "row" } else { "object" };
        format!("{} {word}{}", self.count, if self.count == 1 { "" } else { "s" })
    }

    /// Ends the document; says whether it is a file.
    pub fn finish(mut self) -> Result<bool, Exit> {
        let suffix = std::mem::take(&mut self.suffix);
        self.write(&suffix)?;
        self.write(b"\n")?;
        match self.sink {
            Sink::Screen(mut screen) => screen.flush().map(|()| false),
            Sink::File(file) => file.finish().map(|()| true),
        }
        .map_err(|error| failed(&error))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Exit> {
        self.sink.writer().write_all(bytes).map_err(|error| failed(&error))
    }
}

fn failed(error: &std::io::Error) -> Exit {
    terminal::end(&cannot_write("the answer", error), &rulebook::Files::new())
}

fn envelope(version: Version, header: &Header, request_id: &str, headers: Option<&[bytes::Bytes]>) -> String {
    let mut writer = MessageWriter::new(version, "SIF_Response", header);
    writer.leaf("SIF_RequestMsgId", request_id);
    writer.leaf("SIF_PacketNumber", "1");
    writer.leaf("SIF_MorePackets", "No");
    match headers {
        None => {
            writer.open("SIF_ObjectData").raw(DATA);
        }
        Some(headers) => {
            writer.open("SIF_ExtendedQueryResults").open("SIF_ColumnHeaders");
            for header in headers {
                writer.raw(&String::from_utf8_lossy(header));
            }
            writer.close().open("SIF_Rows").raw(DATA);
        }
    }
    String::from_utf8_lossy(&writer.finish()).into_owned()
}
