//! SM4 (GB/T 32907-2016) in the two modes that partners' interfaces use, by OpenSSL.
//!
//! Neither mode protects against change: verify the signature first, then decrypt. What does not open is answered in one way,
//! whatever the cause, so that nobody learns about the padding from us. Our own data is sealed otherwise (`sealed`).

use std::fmt;

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;

/// Bytes of a key and of a block.
pub const BLOCK: usize = 16;

/// The cipher library has no SM4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cipher library does not offer SM4 (ECB, CBC): use OpenSSL 1.1.1 or later with SM4")]
pub struct NoSm4;

/// Nothing was encrypted: the text is not whole blocks and no padding was asked for, or the library failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text could not be encrypted with SM4")]
pub struct CannotEncrypt;

/// It was not made with this key and mode. Deliberately one answer for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text does not decrypt with this SM4 key")]
pub struct DoesNotOpen;

/// How blocks depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Not at all: equal blocks stay equal. Only where a partner's convention says so.
    Ecb,
    /// Each on the one before, the first on these bytes.
    Cbc([u8; BLOCK]),
}

/// How the last block is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// 1 to 16 bytes, each saying how many (PKCS #7).
    Pkcs7,
    /// The text is whole blocks, as in the vectors of the standard.
    None,
}

/// The cipher, looked up once: a look-up by OpenSSL 3 costs more than a short text. One per process, shared.
pub struct Sm4 {
    ecb: Cipher,
    cbc: Cipher,
}

impl Sm4 {
    pub fn new() -> Result<Sm4, NoSm4> {
        let fetch = |name| Cipher::fetch(None, name, None).map_err(|_| NoSm4);
        Ok(Sm4 { ecb: fetch("SM4-ECB")?, cbc: fetch("SM4-CBC")? })
    }

    pub fn encrypt(
        &self,
        key: &[u8; BLOCK],
        mode: Mode,
        padding: Padding,
        plain: &[u8],
    ) -> Result<Vec<u8>, CannotEncrypt> {
        let (cipher, iv) = self.cipher(&mode);
        let mut context = CipherCtx::new().map_err(|_| CannotEncrypt)?;
        context.encrypt_init(Some(cipher), Some(key), iv).map_err(|_| CannotEncrypt)?;
        finished(context, padding, plain).map_err(|_| CannotEncrypt)
    }

    pub fn decrypt(
        &self,
        key: &[u8; BLOCK],
        mode: Mode,
        padding: Padding,
        hidden: &[u8],
    ) -> Result<Vec<u8>, DoesNotOpen> {
        let (cipher, iv) = self.cipher(&mode);
        let mut context = CipherCtx::new().map_err(|_| DoesNotOpen)?;
        context.decrypt_init(Some(cipher), Some(key), iv).map_err(|_| DoesNotOpen)?;
        finished(context, padding, hidden).map_err(|_| DoesNotOpen)
    }

    fn cipher<'a>(&self, mode: &'a Mode) -> (&Cipher, Option<&'a [u8]>) {
        match mode {
            Mode::Ecb => (&self.ecb, None),
            Mode::Cbc(iv) => (&self.cbc, Some(iv)),
        }
    }
}

fn finished(mut context: CipherCtx, padding: Padding, input: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    context.set_padding(padding == Padding::Pkcs7);
    let mut output = Vec::with_capacity(input.len() + BLOCK);
    context.cipher_update_vec(input, &mut output)?;
    context.cipher_final_vec(&mut output)?;
    Ok(output)
}

impl fmt::Debug for Sm4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm4")
    }
}
