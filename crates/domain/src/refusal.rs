//! The one table of reasons to say no: code, kind, retry class, rule, text in two languages. Served at `/errors`.
//!
//! Knows no transport: `kind` says what sort of no it is, and only `http` turns that into a status.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finding::Finding;

/// What sort of no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// Nobody, or not somebody we know.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// Not there, or not yours: the answer is the same.
    NotFound,
    /// There, but in a state that does not allow it.
    Conflict,
    /// Read and understood; a rule says no.
    Refused,
    /// Too large.
    TooLarge,
    /// Too often.
    TooMany,
    /// We cannot now.
    Unavailable,
    /// Our fault.
    Internal,
}

/// What a client may do with the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Never: it will be refused again.
    Never,
    /// After the request was corrected.
    Corrected,
    /// After the state has changed: read it first.
    StateChanged,
    /// The same request again, later.
    Later,
}

macro_rules! refusals {
    ($($name:ident $code:literal $kind:ident $retry:ident $rule:literal $zh:literal $en:literal;)+) => {
        /// Every reason to say no, in the order of this table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $(#[doc = $en] $name,)+ }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)+];
            /// Stable code, never reused.
            pub const fn code(self) -> &'static str { match self { $(Reason::$name => $code,)+ } }
            pub const fn kind(self) -> Kind { match self { $(Reason::$name => Kind::$kind,)+ } }
            pub const fn retry(self) -> Retry { match self { $(Reason::$name => Retry::$retry,)+ } }
            /// Rule id of docs/rules.md, or empty where no rule is behind it.
            pub const fn rule(self) -> &'static str { match self { $(Reason::$name => $rule,)+ } }
            pub const fn zh(self) -> &'static str { match self { $(Reason::$name => $zh,)+ } }
            pub const fn en(self) -> &'static str { match self { $(Reason::$name => $en,)+ } }
        }
    };
}

refusals! {
    Malformed "MALFORMED" Malformed Corrected "" "请求内容无法识别，请按 faults 逐项修改后重发。" "The request cannot be read; correct every field named in faults and send it again.";
    IdempotencyKeyMissing "IDEMPOTENCY_KEY_MISSING" Malformed Corrected "" "缺少 Idempotency-Key 请求头（8 至 64 个字符）。" "The header Idempotency-Key is missing or not 8 to 64 printable characters.";
    IdempotencyMismatch "IDEMPOTENCY_MISMATCH" Conflict Never "SET-02" "该幂等键已用于另一请求内容，请换新的键。" "This idempotency key was used with another body; use a new key for a new request.";
    TooLarge "TOO_LARGE" TooLarge Corrected "" "请求内容过大。" "The body is larger than allowed.";
    Unauthenticated "UNAUTHENTICATED" Unauthenticated Corrected "" "未登录或令牌无效、已过期，请重新获取令牌。" "No valid token; get a new one at /v1/token.";
    WrongSecret "WRONG_SECRET" Unauthenticated Corrected "" "客户端编号或密钥不正确。" "The client id or the secret is wrong.";
    Forbidden "FORBIDDEN" Forbidden Never "" "您的角色不能使用此接口。" "Your role may not use this operation.";
    NotFound "NOT_FOUND" NotFound Never "" "未找到，或不属于您。" "Not found, or not yours.";
    PickupTokenInvalid "PICKUP_TOKEN_INVALID" Forbidden Corrected "RX-16" "取药码无效、缺失或已更换，请患者出示最新的取药码。" "The pick-up token is missing, wrong or replaced; ask the patient for the current one.";
    SecondFactorWrong "SECOND_FACTOR_WRONG" Forbidden Corrected "RX-16" "证件号码后四位不符。" "The last four characters of the certificate number do not match.";
    TooManyAttempts "TOO_MANY_ATTEMPTS" TooMany Later "" "尝试次数过多，请稍后再试。" "Too many attempts; try again later.";
    Busy "BUSY" Unavailable Later "" "系统繁忙，请按 Retry-After 稍后重试；请求未被处理。" "Busy; nothing was done. Send the same request again after Retry-After.";
    Uncertain "UNCERTAIN" Unavailable Later "" "处理结果未知，请用同一幂等键重发以取得结果。" "The outcome is unknown; send the same request with the same key to learn it.";
    Internal "INTERNAL" Internal Later "" "内部错误，已记录；请用同一幂等键重试。" "An internal fault was recorded; retry with the same idempotency key.";
    ChecksFailed "CHECKS_FAILED" Refused Corrected "RX-07" "处方未通过审核，全部原因见 findings。" "The prescription was not accepted; findings names every reason.";
    DuplicatePrescription "DUPLICATE_PRESCRIPTION" Conflict Never "RX-09" "该医疗机构已上传过此处方编号。" "This hospital already sent a prescription with this number.";
    PrescriptionExpired "PRESCRIPTION_EXPIRED" Conflict Never "RX-01" "处方已过有效期，请患者回医院重新开具。" "The prescription is past its validity; the patient needs a new one.";
    PrescriptionRevoked "PRESCRIPTION_REVOKED" Conflict Never "RX-11" "处方已被医疗机构撤销。" "The hospital revoked the prescription.";
    PrescriptionFrozen "PRESCRIPTION_FROZEN" Conflict StateChanged "RX-11" "处方正在撤销，已冻结，不得结算或交付。" "The prescription is frozen by a revocation: nothing may be settled or handed over.";
    PrescriptionUsed "PRESCRIPTION_USED" Conflict Never "DS-01" "处方已使用，不能再次使用或撤销。" "The prescription was used; it can be neither used again nor revoked.";
    PrescriptionRefused "PRESCRIPTION_REFUSED" Conflict Never "RV-02" "药师已拒绝调配此处方。" "A pharmacist finally refused the prescription.";
    AlreadyClaimed "ALREADY_CLAIMED" Conflict StateChanged "RTE-03" "处方已被其他药店接单。" "Another pharmacy holds the prescription.";
    NotClaimed "NOT_CLAIMED" Conflict StateChanged "RTE-03" "贵店未持有此处方（未接单或占用已到期），请重新接单。" "You do not hold the prescription (not claimed, or the lease ended); claim it again.";
    PharmacyNotEligible "PHARMACY_NOT_ELIGIBLE" Refused StateChanged "PH-04" "该药店暂不能医保结算此处方。" "This pharmacy cannot serve the prescription under insurance now.";
    NotReviewed "NOT_REVIEWED" Conflict StateChanged "RV-02" "药师尚未审核通过。" "The dispensing pharmacist has not approved the prescription.";
    ReviewClosed "REVIEW_CLOSED" Conflict StateChanged "RV-02" "审方已有结论，不能再改。" "The review already has a result.";
    QueryOpen "QUERY_OPEN" Conflict StateChanged "RV-01" "已向医师提出疑问，医师答复前只能拒绝，不能通过。" "The doctor was asked and has not answered: until then the prescription can only be refused.";
    NotQueried "NOT_QUERIED" Conflict StateChanged "RV-02" "没有待医师答复的疑问。" "There is no open query to answer.";
    ReviewerNotRegistered "REVIEWER_NOT_REGISTERED" Refused Corrected "RV-04" "审方药师未在本店注册，或与开方医师为同一人。" "The reviewer is not a pharmacist registered here on this day, or is the prescriber.";
    LinesIncomplete "LINES_INCOMPLETE" Refused Corrected "DS-02" "调配内容与处方不符，逐项说明见 faults。" "What was packed does not fit the prescription; faults names each difference.";
    LineHeld "LINE_HELD" Conflict StateChanged "" "该行待指定人员裁定，裁定前不能调配；其他行可先调配。" "This line waits for a decision; until then it cannot be packed. The other lines can.";
    LineWithdrawn "LINE_WITHDRAWN" Conflict Never "RV-01" "医师已撤回该行。" "The doctor took this line back.";
    LineUsed "LINE_USED" Conflict Never "RX-12" "该行已由此前的结算使用。" "An earlier settlement used this line.";
    NothingHeld "NOTHING_HELD" Conflict StateChanged "" "没有待您裁定的事项，或已裁定、已逾期。" "Nothing waits for your decision here: it was decided, or its deadline passed.";
    PromiseTooLate "PROMISE_TOO_LATE" Refused Corrected "RTE-03" "承诺时间须晚于现在，且不得超过处方有效期和本统筹区允许的最长时间。" "The promised time must lie ahead, within the validity of the prescription and the longest time that the pooling area allows.";
    ProxyNotAllowed "PROXY_NOT_ALLOWED" Refused Never "RX-16" "本统筹区不允许代取，或代取人未备案。" "Nobody may collect for the patient here, or this person is not registered to.";
    TraceCodeSold "TRACE_CODE_SOLD" Conflict Corrected "DS-04" "该追溯码已售出，请换一盒；处方仍然有效。" "This box was already sold; take another box. The prescription stays valid.";
    TraceCodeReserved "TRACE_CODE_RESERVED" Conflict Corrected "DS-04" "该追溯码已被另一处方占用，请换一盒。" "This box is reserved for another dispensing; take another box.";
    NotPrepared "NOT_PREPARED" Conflict StateChanged "DS-01" "尚未配药，请先提交配药内容。" "Nothing is prepared; prepare first.";
    AlreadySettled "ALREADY_SETTLED" Conflict Never "SET-02" "该次调配已结算，不能重复结算。" "This dispensing is settled; it cannot be settled again.";
    DispensingNotNamed "DISPENSING_NOT_NAMED" Conflict Corrected "RX-12" "本店对该处方有多次调配，请用 dispensing_id 指明。" "Your pharmacy dispensed this prescription in several visits; name one with ?dispensing_id=.";
    AlreadyReversed "ALREADY_REVERSED" Conflict Never "SET-04" "该次结算已冲正，不能重复冲正。" "This settlement was taken back; it cannot be taken back again.";
    NotSettled "NOT_SETTLED" Conflict StateChanged "DS-01" "尚未结算，不能交付。" "Not settled yet; settle before handing over.";
    AlreadyHandedOver "ALREADY_HANDED_OVER" Conflict Never "DS-01" "药品已交付。" "Already handed over.";
    AlreadyDispatched "ALREADY_DISPATCHED" Conflict StateChanged "RTE-06" "药品已发出，请登记签收或配送失败。" "The drugs are on their way; record the signature or the failure.";
    NotDispatched "NOT_DISPATCHED" Conflict StateChanged "RTE-06" "尚未发出。" "Nothing was dispatched.";
    DeliveryNotOffered "DELIVERY_NOT_OFFERED" Refused Never "PH-06" "该药店未开通配送服务。" "This pharmacy has no delivery service.";
    AmountNotAgreed "AMOUNT_NOT_AGREED" Conflict Corrected "PRC-01" "个人负担金额与患者同意的不一致，请以新报价征得同意后重试。" "The patient's share differs from the agreed amount; show the new quote and settle with it.";
    ListingUnverified "LISTING_UNVERIFIED" Refused Never "CAT-01" "该药品在当日目录中的支付条件未经核实（沿用或未知），正式环境只报价、不结算；逐行见 faults。" "How today's edition pays a line is carried over or unknown; in production it is quoted and never settled. faults names the lines.";
    FiguresAssumed "FIGURES_ASSUMED" Refused Never "" "本统筹区的待遇参数尚有未经核实的假定值，正式环境只报价、不结算。" "A figure of this pooling area is assumed; in production it is quoted and never settled.";
    EntryOverlaps "ENTRY_OVERLAPS" Conflict Corrected "DC-04" "与已有登记的有效期重叠，请先终止原登记。" "The period overlaps an entry that exists; end that one first.";
    EntryEnded "ENTRY_ENDED" Conflict Never "DC-04" "该登记已终止。" "The entry has ended.";
    AmountOutOfRange "AMOUNT_OUT_OF_RANGE" Refused Corrected "SET-01" "金额超出允许范围。" "An amount leaves the allowed range.";
}

/// One field at fault, with what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Path in the request, such as `lines[2].quantity`.
    pub field: Box<str>,
    pub message_zh: Box<str>,
    pub message_en: Box<str>,
}

impl Fault {
    pub fn new(
        field: impl Into<Box<str>>,
        zh: impl Into<Box<str>>,
        en: impl Into<Box<str>>,
    ) -> Fault {
        Fault { field: field.into(), message_zh: zh.into(), message_en: en.into() }
    }
}

/// A no, with everything that helps to turn it into a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    pub faults: Vec<Fault>,
    pub findings: Vec<Finding>,
}

impl Refusal {
    pub fn with_faults(reason: Reason, faults: Vec<Fault>) -> Refusal {
        Refusal { reason, faults, findings: Vec::new() }
    }
    pub fn with_findings(reason: Reason, findings: Vec<Finding>) -> Refusal {
        Refusal { reason, faults: Vec::new(), findings }
    }
    /// A no about one field of the request.
    pub fn at(reason: Reason, field: impl Into<Box<str>>) -> Refusal {
        Refusal::with_faults(reason, vec![Fault::new(field, reason.zh(), reason.en())])
    }
}
impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Refusal {
        Refusal { reason, faults: Vec::new(), findings: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own_and_says_it_in_both_languages() {
        let codes: std::collections::HashSet<&str> = Reason::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert!(reason.zh().ends_with('。') && reason.en().ends_with('.'), "{reason:?}");
        }
    }
}
