//! A keep-alive HTTP/1.1 connection that costs next to nothing: on a small machine the client's work is taken from the
//! server's. Reads what our own server sends (a status and a Content-Length), nothing else.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Connection {
    stream: TcpStream,
    host: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// One request. The token and the idempotency key are left out where they are empty.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub content_type: &'a str,
    pub token: &'a str,
    pub key: &'a str,
    pub body: &'a str,
}

impl<'a> Request<'a> {
    /// A command: JSON under a token and a key.
    pub fn command(path: &'a str, token: &'a str, key: &'a str, body: &'a str) -> Request<'a> {
        Request { method: "POST", path, content_type: "application/json", token, key, body }
    }
}

impl Connection {
    pub async fn open(address: SocketAddr) -> std::io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            host: address.to_string(),
            request: Vec::new(),
            answer: Vec::new(),
        })
    }

    /// Sends and waits: the body of a 2xx answer, else what went wrong.
    pub async fn send(&mut self, request: Request<'_>) -> Result<&[u8], String> {
        self.write_down(&request);
        self.stream.write_all(&self.request).await.map_err(|why| why.to_string())?;
        let (status, body) = self.read().await.map_err(|why| format!("{}: {why}", request.path))?;
        let body = self.answer.get(body..).unwrap_or_default();
        if status.starts_with('2') {
            return Ok(body);
        }
        Err(format!(
            "{} {}: {status} {}",
            request.method,
            request.path,
            String::from_utf8_lossy(body)
        ))
    }

    fn write_down(&mut self, request: &Request<'_>) {
        use std::io::Write;
        let Request { method, path, content_type, token, key, body } = request;
        let to = &mut self.request;
        to.clear();
        write!(to, "{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host).unwrap();
        if !token.is_empty() {
            write!(to, "Authorization: Bearer {token}\r\n").unwrap();
        }
        if !key.is_empty() {
            write!(to, "Idempotency-Key: {key}\r\n").unwrap();
        }
        let length = body.len();
        write!(to, "Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}")
            .unwrap();
    }

    /// The status and where the body begins, once all of it is here.
    async fn read(&mut self) -> Result<(String, usize), String> {
        self.answer.clear();
        loop {
            let read =
                self.stream.read_buf(&mut self.answer).await.map_err(|why| why.to_string())?;
            if read == 0 {
                return Err("the server closed the connection".to_owned());
            }
            let Some(end) = self.answer.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.answer[..end]).map_err(|why| why.to_string())?;
            let length = head.lines().find_map(content_length).unwrap_or(0);
            if self.answer.len() >= end + 4 + length {
                return Ok((head.chars().skip(9).take(3).collect(), end + 4));
            }
        }
    }
}

fn content_length(line: &str) -> Option<usize> {
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
}
