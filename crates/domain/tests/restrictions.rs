//! The rows of `rules/restrictions.csv`: what the parser says of every text of both editions, and the
//! laws that a restriction keeps.
#![expect(clippy::expect_used, reason = "a test may stop at once")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use domain::catalogue::restriction::{PARSER_VERSION, parse, read_conditions, table, written};
use domain::catalogue::{
    Catalogue, Condition, Conditions, Contradiction, Files, Knowledge, Patient, Restriction,
};
use domain::prescription::Sex;
use proptest::prelude::*;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::build(&files(), "test".to_owned()).expect("a sound catalogue"));

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue")
}

fn files() -> Files {
    let (root, mut files) = (root(), Files::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder of the project") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "csv" || end == "toml") {
                let name = path.strip_prefix(&root).expect("below the root").to_string_lossy();
                files.insert(name.replace('\\', "/"), std::fs::read(&path).expect("file"));
            }
        }
    }
    files
}

fn restriction(text: &str) -> Restriction {
    let alternatives = parse(text, CATALOGUE.terms());
    let conditions = Conditions { alternatives, parser_version: PARSER_VERSION, reviewed: false };
    Restriction {
        text: text.into(),
        known: Knowledge::Known,
        conditions: Some(Arc::new(conditions)),
    }
}

fn contradiction(text: &str, age: i32, sex: Sex, diagnoses: &[&str]) -> Option<Contradiction> {
    let diagnoses: Vec<Box<str>> = diagnoses.iter().map(|code| (*code).into()).collect();
    restriction(text).plainly_contradicts(&Patient { age, sex, diagnoses: &diagnoses })
}

#[test]
fn the_rows_are_what_the_parser_says_and_nobody_claims_to_have_read_them() {
    let found = std::fs::read_to_string(root().join("rules/restrictions.csv")).expect("the rows");
    let advice = "behind the parser: `rxgate catalogue restrictions` prints what it should be";
    assert!(found == table(&CATALOGUE), "{advice}");
    assert!(found.lines().skip(1).all(|line| line.ends_with(",0")));
}

#[test]
fn a_text_becomes_the_conditions_that_it_plainly_states() {
    for (text, conditions) in [
        ("限工伤保险。", "work_injury"),
        ("限生育保险。", "maternity"),
        ("限二级及以上医疗机构。", "level>=2"),
        ("限二线用药。", "line=2"),
        ("限急救、抢救。", "emergency"),
        ("限原发性高血压。", "dx I10 I11 I12 I13 I15"),
        ("限儿童。", "age<18"),
        ("限成人高钾血症。", "age>=18; dx E87"),
        ("限6-17岁儿童和青少年的注意缺陷多动障碍(ADHD)。", "age>=6; age<18; dx F90"),
        ("限2岁至11岁儿童慢性便秘。", "age>=2; age<12; dx K59"),
        ("限慢性阻塞性肺疾病。支付不超过14天。", "dx J41 J42 J43 J44; days<=14"),
        ("限：1.儿童的癫痫；2.成人的癫痫。", "age<18; dx G40 G41 R56 | age>=18; dx G40 G41 R56"),
        ("清热除湿祛风，活血通络止痛。", "rest"),
    ] {
        assert_eq!(written(&parse(text, CATALOGUE.terms())), conditions, "{text}");
    }
}

#[test]
fn only_age_sex_and_diagnosis_contradict_and_only_plainly() {
    use Contradiction::{Age, Diagnosis, Sex as OfSex};
    for (text, age, sex, diagnoses, expected) in [
        ("限成人高钾血症。", 17, Sex::Male, &["E87.500"][..], Some(Age)),
        ("限成人高钾血症。", 18, Sex::Male, &["E87.500"], None),
        ("限成人高钾血症。", 40, Sex::Male, &["I10.x00"], Some(Diagnosis)),
        ("限成人高钾血症。", 40, Sex::Male, &["I10.x00", "E87.500"], None),
        ("限成人高钾血症。", 40, Sex::Male, &[], None),
        ("限绝经后女性骨质疏松症。", 60, Sex::Male, &["M81.000"], Some(OfSex)),
        ("限绝经后女性骨质疏松症。", 60, Sex::Female, &["M81.000"], None),
        ("限2型糖尿病视网膜病变单纯型。", 60, Sex::Male, &["E11.300+H36.0*"], None),
        // A piece of the text that is not understood leaves the list of diseases open.
        ("限成人高钾血症或其他某某。", 40, Sex::Male, &["I10.x00"], None),
        // One alternative that is not contradicted is enough.
        ("限：1.儿童的癫痫；2.血氨升高。", 40, Sex::Male, &["I10.x00"], None),
        // To prevent is done without the disease.
        ("限预防偏头痛。", 40, Sex::Male, &["I10.x00"], None),
    ] {
        assert_eq!(
            contradiction(text, age, sex, diagnoses),
            expected,
            "{text} {age} {diagnoses:?}"
        );
    }
}

#[test]
fn a_word_of_the_table_names_codes_that_exist() {
    let bad = "term,prefixes\n高血压,I10\n高血压,I10\n某病,Q00 ZZ\n";
    let mut files = files();
    files.insert("rules/diagnosis_terms.csv".to_owned(), bad.as_bytes().to_vec());
    let faults = Catalogue::build(&files, String::new()).expect_err("must be refused");
    let of_terms: Vec<String> = faults
        .iter()
        .filter(|fault| fault.file == "rules/diagnosis_terms.csv")
        .map(ToString::to_string)
        .collect();
    assert!(of_terms.iter().any(|fault| fault.contains(":3 prefixes")), "{of_terms:?}");
    assert!(of_terms.iter().any(|fault| fault.contains(":4 prefixes \"Q00 ZZ\": no diagnosis")));
}

#[test]
fn a_row_that_is_no_condition_that_no_item_has_or_that_comes_twice_refuses_the_whole() {
    let head = "text,conditions,parser_version,reviewed\n";
    let rows = format!(
        "{head}限二线用药。,line=2,1,0\n限二线用药。,line=2,1,0\n限儿童。,age=5,1,0\n\
         没有这样的限制。,rest,1,1\n限工伤保险。,work_injury,9,0\n"
    );
    let mut files = files();
    files.insert("rules/restrictions.csv".to_owned(), rows.into_bytes());
    let faults = Catalogue::build(&files, String::new()).expect_err("must be refused");
    let found: Vec<String> = faults.iter().map(ToString::to_string).collect();
    for start in [
        "rules/restrictions.csv:3 text",
        "rules/restrictions.csv:4 conditions \"age=5\": `age=5` is no condition",
        "rules/restrictions.csv:5 text",
        "rules/restrictions.csv:6 parser_version",
    ] {
        assert!(found.iter().any(|fault| fault.starts_with(start)), "{start}: {found:#?}");
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let diagnosis = (proptest::collection::vec("[A-Z][0-9]{2}", 1..4), proptest::bool::ANY);
    prop_oneof![
        (0_u8..120).prop_map(Condition::AgeFrom),
        (0_u8..120).prop_map(Condition::AgeBelow),
        Just(Condition::Sex(Sex::Female)),
        Just(Condition::Sex(Sex::Male)),
        (2_u8..4).prop_map(Condition::Level),
        (1_u8..4).prop_map(Condition::Line),
        diagnosis.prop_map(|(codes, exhaustive)| Condition::Diagnosis {
            prefixes: codes.into_iter().map(String::into_boxed_str).collect(),
            exhaustive,
        }),
        Just(Condition::Inpatient),
        Just(Condition::Rest),
        (1_u16..60).prop_map(Condition::Days),
    ]
}

fn alternatives() -> impl Strategy<Value = Vec<Vec<Condition>>> {
    proptest::collection::vec(proptest::collection::vec(condition(), 1..4), 1..4)
}

fn judged(alternatives: Vec<Vec<Condition>>, age: i32, code: &str) -> Option<Contradiction> {
    let conditions = Conditions { alternatives, parser_version: 1, reviewed: false };
    let conditions = Some(Arc::new(conditions));
    let restriction = Restriction { text: "x".into(), known: Knowledge::Known, conditions };
    let diagnoses = [Box::from(code)];
    restriction.plainly_contradicts(&Patient { age, sex: Sex::Male, diagnoses: &diagnoses })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_is_read_again(all in alternatives()) {
        prop_assert_eq!(read_conditions(&written(&all)), Ok(all));
    }

    #[test]
    fn any_text_is_parsed_into_at_least_one_alternative(
        text in "[限:：;；。，、0-9.岁周成人儿童女性或且及患者癌高血压二线用药≥<()-]{0,40}"
    ) {
        let all = parse(&text, CATALOGUE.terms());
        prop_assert!(!all.is_empty() && all.iter().all(|one| !one.is_empty()));
        prop_assert_eq!(read_conditions(&written(&all)), Ok(all));
    }

    #[test]
    fn a_further_alternative_never_makes_a_contradiction(
        all in alternatives(), more in proptest::collection::vec(condition(), 1..4),
        age in 0_i32..100, code in "[A-Z][0-9]{2}",
    ) {
        let before = judged(all.clone(), age, &code);
        let after = judged([all, vec![more]].concat(), age, &code);
        if before.is_none() {
            prop_assert_eq!(after, None);
        }
    }
}
