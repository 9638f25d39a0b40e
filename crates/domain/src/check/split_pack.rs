//! Packages that are opened (拆零): several lines or visits share one code at one pharmacy, while the parts fit the pack.
//!
//! Knows no ledger: what was taken before is an argument. Serves DS-07.

use super::packing::{Ground, Packing};
use crate::finding::{Finding, Severity};
use crate::prescription::{Line, PackedLine};
use crate::refusal::Fault;

/// Whether a package still holds what is to be taken out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackFit {
    Fits,
    TooMuch {
        left: u32,
    },
    /// Nobody knows how much is in it: the fund waits, the patient need not.
    SizeUnknown,
}

/// Rule: DS-07 — The parts that share a code do not exceed the pack
pub fn pack_fit(taken: u32, now: u32, units_per_pack: Option<u32>) -> PackFit {
    match units_per_pack {
        None => PackFit::SizeUnknown,
        Some(all) if u64::from(taken) + u64::from(now) > u64::from(all) => {
            PackFit::TooMuch { left: all.saturating_sub(taken) }
        }
        Some(_) => PackFit::Fits,
    }
}

/// Units that boxes of this packing take out of one opened package.
pub(super) fn taken_now(packed: &[PackedLine], code: &crate::prescription::TraceCode) -> u32 {
    let all = packed.iter().flat_map(|line| &line.boxes);
    let of_code = all.filter(|one| one.trace_code == *code).filter_map(|one| one.units);
    of_code.fold(0, u32::saturating_add)
}

/// Rule: DS-07 — Parts of opened packages add up to the units that the line prescribes
pub(super) fn parts(
    line: &Line,
    packed: &PackedLine,
    at: usize,
    ground: &Ground<'_>,
    out: &mut Packing,
) {
    let Some(prescribed) = line.details.split_units else {
        let opened = packed.boxes.iter().position(|one| one.units.is_some());
        if let Some(box_at) = opened {
            let zh = "处方为整盒，不得拆零调配。";
            let en = "Whole packages are prescribed: none may be opened.";
            let field = format!("lines[{at}].boxes[{box_at}].units");
            out.faults.push(Fault::new(field, zh, en));
        }
        return;
    };
    let size = ground.units_per_pack(packed);
    let given = packed.boxes.iter().map(|one| one.units.or(size).unwrap_or(0));
    let given = given.fold(0, u32::saturating_add);
    if given != prescribed && (size.is_some() || packed.boxes.iter().all(|one| one.units.is_some()))
    {
        let zh = format!("处方拆零 {prescribed} 个最小单位，实配 {given}，请核对。");
        let en = format!("{prescribed} units are prescribed, {given} are packed.");
        out.faults.push(Fault::new(format!("lines[{at}].boxes"), zh, en));
    }
    if size.is_none() {
        let zh = "包装数量未知，无法核对拆零数量，医保支付暂缓；请补充产品包装信息。";
        let en = "The pack size is unknown: payment by the fund waits until the product's pack is known.";
        out.findings.push(Finding::new("DS-07", Severity::Hold, zh, en).on_line(line.line_no));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // proves: DS-07
    #[test]
    fn parts_of_an_opened_pack_fit_until_it_is_empty() {
        for (taken, now, size, fit) in [
            (0, 7, Some(7), PackFit::Fits),
            (4, 3, Some(7), PackFit::Fits),
            (4, 4, Some(7), PackFit::TooMuch { left: 3 }),
            (9, 1, Some(7), PackFit::TooMuch { left: 0 }),
            (u32::MAX, u32::MAX, Some(7), PackFit::TooMuch { left: 0 }),
            (4, 3, None, PackFit::SizeUnknown),
        ] {
            assert_eq!(pack_fit(taken, now, size), fit, "{taken} + {now} of {size:?}");
        }
    }
}
