//! The demo in this process, and its totals computed again: by other code, in whole fen, from what the pharmacies heard.

use std::path::Path;

use domain::money::Yuan;
use domain::prescription::InsuranceType;
use domain::settle::LineSplit;
use rxgate::demo::{Demo, Options, Report, Sale, Tally};

/// Shares of the fund in hundredths, as `catalogue/regions/540100.toml` says: dual channel, outpatient pooling.
const EMPLOYEE: [i128; 2] = [65, 60];
const RESIDENT: [i128; 2] = [55, 50];

async fn played(seed: u64) -> (Report, Tally) {
    let folder = tempfile::Builder::new().prefix("rxgate-demo-").tempdir().unwrap();
    let demo = Demo::start(&Options {
        days: 2,
        per_day: 40,
        seed,
        database: folder.path().join("demo.sqlite").to_str().unwrap().to_owned(),
        catalogue: Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue"),
        listen: "127.0.0.1:0".parse().unwrap(),
    })
    .await
    .unwrap();
    demo.play(|| {}).await.unwrap();
    let (report, tally) = (demo.report().await.unwrap(), demo.tally());
    demo.stop().await;
    (report, tally)
}

#[actix_web::test]
async fn the_totals_of_the_demo_come_out_the_same_when_others_compute_them() {
    let (report, tally) = played(7).await;
    assert_eq!(report.differences, Vec::<String>::new());
    assert!(report.is_good(), "{report}");
    assert_eq!(report.sent, 80);
    assert!(tally.sales.len() > 20, "too few sales to prove anything: {}", tally.sales.len());
    let (mut total, mut fund, mut personal) = (0, 0, 0);
    for sale in &tally.sales {
        let (all, by_fund, by_person) = computed_again(sale);
        total += all;
        fund += by_fund;
        personal += by_person;
    }
    assert_eq!(total, fund + personal);
    let told = [report.money.total, report.money.fund, report.money.personal].map(fen);
    assert_eq!(told, [total, fund, personal]);
}

#[actix_web::test]
async fn the_same_seed_gives_the_same_demo_whatever_runs_first() {
    let figures = |report: Report| {
        let mut told = serde_json::to_value(report).unwrap();
        told.as_object_mut().unwrap().remove("seconds");
        told
    };
    let (first, _) = played(11).await;
    let (second, _) = played(11).await;
    assert_eq!(figures(first), figures(second));
}

/// Total, fund and personal share of a sale in fen, each identity of RULES §2.1 and §2.2 asserted on the way.
fn computed_again(sale: &Sale) -> (i128, i128, i128) {
    let split = &sale.reply.split;
    assert_eq!(split.lines.len(), sale.lines.len(), "a line was lost");
    let sum = |part: fn(&LineSplit) -> Yuan| split.lines.iter().map(part).map(fen).sum::<i128>();
    for (line, sold) in split.lines.iter().zip(&sale.lines) {
        assert_eq!(line.line_no, sold.line_no);
        // Micro-yuan times ten-thousandths of a package, to fen.
        let exact =
            i128::from(sold.unit_price.micro()) * i128::from(sold.quantity.ten_thousandths());
        let fee = half_up(exact, 10_000 * 10_000);
        let parts =
            [line.full_self_pay, line.over_limit, line.first_self_pay, line.in_scope].map(fen);
        assert!(parts.iter().all(|part| *part >= 0), "{line:?}");
        assert_eq!(fee, fen(line.fee), "{line:?}");
        assert_eq!(fee, parts.iter().sum::<i128>(), "{line:?}");
        let unpaid = fen(line.full_self_pay) > 0;
        assert!(!unpaid || fen(line.full_self_pay) == fee, "half a line is paid: {line:?}");
    }
    let (in_scope, deductible) = (sum(|line| line.in_scope), fen(split.deductible));
    assert_eq!(in_scope, fen(split.in_scope));
    assert!((0..=in_scope).contains(&deductible));
    let ratios = match sale.insurance {
        InsuranceType::Employee => EMPLOYEE,
        InsuranceType::Resident => RESIDENT,
    };
    let wanted = fen(split.pool) + fen(split.over_quota);
    let shares = ratios.map(|ratio| half_up((in_scope - deductible) * ratio, 100));
    assert!(shares.contains(&wanted), "{wanted} is none of {shares:?}");
    assert_eq!(split.fund, split.pool);
    let total = sum(|line| line.fee);
    let fund = fen(split.pool);
    let own = sum(|line| line.full_self_pay)
        + sum(|line| line.over_limit)
        + sum(|line| line.first_self_pay);
    let personal = own + deductible + (in_scope - deductible - fund);
    assert_eq!([total, fund, personal], [split.total, split.fund, split.personal].map(fen));
    (total, fund, personal)
}

/// An amount in whole fen; anything finer is a fault.
fn fen(amount: Yuan) -> i128 {
    assert_eq!(amount.micro() % 10_000, 0, "{amount} is finer than a fen");
    i128::from(amount.micro() / 10_000)
}

/// Rounded half up, of what is not negative.
fn half_up(exact: i128, unit: i128) -> i128 {
    (2 * exact + unit) / (2 * unit)
}
