//! Known answers, tried at every start: a machine whose libraries compute something else serves nobody.
//!
//! One answer per algorithm and implementation, from the standards. The full sets are in the tests.

use data_encoding::HEXLOWER;

use super::signature::{PublicKey, Signature};
use super::sm3::{hmac_sm3, sm3, to_text};
use super::sm4::{Mode, Padding, Sm4};
use super::verify::{OpenSsl, RustCrypto, Verify};

/// A computation with one right outcome.
pub struct KnownAnswer {
    /// Algorithm, implementation and where the answer is printed.
    pub name: &'static str,
    pub holds: fn() -> Option<bool>,
}

/// An algorithm does not give the answer of its standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "self-test failed: {0}; do not serve with this build on this machine: check the system's OpenSSL and the build, \
     then run `rxgate trust check` on the standards' vectors"
)]
pub struct SelfTestFailed(pub &'static str);

/// What every start tries.
pub const KNOWN_ANSWERS: [KnownAnswer; 8] = [
    KnownAnswer { name: "SM3 (GB/T 32905-2016 A.1)", holds: sm3_of_abc },
    KnownAnswer { name: "HMAC-SM3 (GM/T 0042-2015 D.3)", holds: hmac_of_the_standard },
    KnownAnswer { name: "SM4 by OpenSSL (GB/T 32907-2016 A.1)", holds: sm4_block },
    KnownAnswer { name: "SM4-CBC by OpenSSL (draft-ribose-cfrg-sm4-10 A.2.2.1)", holds: sm4_cbc },
    KnownAnswer { name: "SM2 digest (GB/T 32918.5-2017 A.2)", holds: sm2_digest },
    KnownAnswer { name: "SM2 by rxgate (GB/T 32918.5-2017 A.2)", holds: sm2_own },
    KnownAnswer { name: "SM2 by OpenSSL (GB/T 32918.5-2017 A.2)", holds: || sm2_judged(&OpenSsl) },
    KnownAnswer {
        name: "SM2 by RustCrypto (GB/T 32918.5-2017 A.2)",
        holds: || sm2_judged(&RustCrypto),
    },
];

/// Tries answers in their order; the first that does not hold is told.
pub fn run(answers: &[KnownAnswer]) -> Result<(), SelfTestFailed> {
    let failed = answers.iter().find(|answer| (answer.holds)() != Some(true));
    failed.map_or(Ok(()), |answer| Err(SelfTestFailed(answer.name)))
}

const SM4_KEY: [u8; 16] = [
    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10,
];
const PUBLIC_KEY: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                          ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
const SIGNATURE: &str = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
                         b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
const MESSAGE: &[u8] = b"message digest";

fn bytes(hex: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(hex.as_bytes()).ok()
}

fn sm3_of_abc() -> Option<bool> {
    let expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
    Some(to_text(&sm3(&[b"abc"])) == expected)
}

fn hmac_of_the_standard() -> Option<bool> {
    let key: Vec<u8> = (1..=0x25).collect();
    let expected = "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae";
    Some(to_text(&hmac_sm3(&key, &[&[0xcd; 50]])) == expected)
}

fn sm4_block() -> Option<bool> {
    let hidden = bytes("681edf34d206965e86b3e94f536e4246")?;
    sm4_both_ways(Mode::Ecb, &SM4_KEY, &hidden)
}

fn sm4_cbc() -> Option<bool> {
    let iv = bytes("000102030405060708090a0b0c0d0e0f")?.try_into().ok()?;
    let plain = bytes("aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffaaaaaaaabbbbbbbb")?;
    let hidden = bytes("78ebb11cc40b0a48312aaeb2040244cb4cb7016951909226979b0d15dc6a8f6d")?;
    sm4_both_ways(Mode::Cbc(iv), &plain, &hidden)
}

fn sm4_both_ways(mode: Mode, plain: &[u8], hidden: &[u8]) -> Option<bool> {
    let sm4 = Sm4::new().ok()?;
    let encrypted = sm4.encrypt(&SM4_KEY, mode, Padding::None, plain).ok()?;
    let decrypted = sm4.decrypt(&SM4_KEY, mode, Padding::None, hidden).ok()?;
    Some(encrypted == hidden && decrypted == plain)
}

fn signed() -> Option<(PublicKey, Signature)> {
    let key = PublicKey::parse(&bytes(PUBLIC_KEY)?).ok()?;
    Some((key, Signature::parse(&bytes(SIGNATURE)?).ok()?))
}

fn sm2_digest() -> Option<bool> {
    let expected = bytes("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")?;
    Some(signed()?.0.digest(MESSAGE).0 == *expected)
}

/// The signature is verified, and no longer when the message changes.
fn sm2_judged(by: &dyn Verify) -> Option<bool> {
    let (key, signature) = signed()?;
    let other = key.digest(b"another message");
    let right = by.verifies(&key, &key.digest(MESSAGE), &signature);
    Some(right && !by.verifies(&key, &other, &signature))
}

/// With both of its tables.
fn sm2_own() -> Option<bool> {
    let (key, signature) = signed()?;
    let (digest, other) = (key.digest(MESSAGE).0, key.digest(b"another message").0);
    let tables = [::sm2::KeyTable::small(key.point()), ::sm2::KeyTable::large(key.point())];
    let right = |table: &::sm2::KeyTable| {
        table.verifies(&digest, signature.raw()) && !table.verifies(&other, signature.raw())
    };
    Some(tables.iter().all(right))
}
