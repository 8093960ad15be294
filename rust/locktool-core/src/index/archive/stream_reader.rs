//! An archive that is read on a thread of its own while it arrives: the pieces of a download, as a reader.

use std::io::{self, Read};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::index::transport::error::RequestError;

/// Pieces of a download that wait to be read.
const WAITING_PIECES: usize = 16;

/// A reader at work.
pub struct StreamReader<T> {
    pieces: mpsc::Sender<Bytes>,
    work: JoinHandle<T>,
}

impl<T: Send + 'static> StreamReader<T> {
    pub fn start(work: impl FnOnce(PieceReader) -> T + Send + 'static) -> Self {
        let (pieces, receiver) = mpsc::channel(WAITING_PIECES);
        let reader = PieceReader {
            receiver,
            current: Bytes::new(),
        };
        Self {
            pieces,
            work: tokio::task::spawn_blocking(move || work(reader)),
        }
    }

    /// Hands on a piece; whether the reader wants more. It does not once it has what it looks for, or knows that it will
    /// not get it.
    pub async fn read(&self, piece: Bytes) -> bool {
        self.pieces.send(piece).await.is_ok()
    }

    /// What the reader says after the last piece.
    pub async fn finish(self) -> Result<T, RequestError> {
        drop(self.pieces);
        self.work.await.map_err(|_| RequestError::interrupted())
    }
}

/// The pieces in their order; the end of the last one is the end of the file.
pub struct PieceReader {
    receiver: mpsc::Receiver<Bytes>,
    current: Bytes,
}

impl Read for PieceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        let length = self.current.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}
