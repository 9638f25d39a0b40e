//! The active substance in a western generic name: salts and bases taken off.
//!
//! Serves the list's general rule 7: a western drug whose main chemical part and form agree with the list belongs to
//! it, whatever its acid or base. Only salts are taken off; esters that are drugs of their own (硝酸甘油) are kept.

/// Acids before the name; longer ones first.
const ACIDS: &[&str] = &[
    "对甲苯磺酸",
    "甲苯磺酸",
    "苯磺酸",
    "甲磺酸",
    "羟乙磺酸",
    "重酒石酸",
    "酒石酸",
    "硫酸氢",
    "氢溴酸",
    "枸橼酸",
    "富马酸",
    "马来酸",
    "琥珀酸",
    "双羟萘酸",
    "葡萄糖酸",
    "乳糖酸",
    "苹果酸",
    "二盐酸",
    "盐酸",
    "硫酸",
    "磷酸",
    "硝酸",
    "醋酸",
    "乳酸",
    "草酸",
];
/// Bases and water after the name; longer ones first.
const BASES: &[&str] = &["一水合物", "水合物", "氨丁三醇", "二钠", "二钾", "钠", "钾", "钙", "镁"];
/// Esters and minerals whose "salt" is the drug.
const WHOLE: &[&str] = &["硝酸甘油", "硝酸异山梨酯", "单硝酸异山梨酯", "磷酸肌酸", "葡萄糖酸钙"];

/// Stems of a name in matching form with acid, base or both taken off, without the name itself. At most three.
pub fn without_salt(name: &str) -> Vec<&str> {
    if WHOLE.iter().any(|whole| name.starts_with(whole)) {
        return Vec::new();
    }
    let headless = ACIDS.iter().find_map(|acid| name.strip_prefix(acid));
    let footless = BASES.iter().find_map(|base| name.strip_suffix(base));
    let bare = headless.and_then(|rest| BASES.iter().find_map(|base| rest.strip_suffix(base)));
    let stems = [headless, footless, bare];
    stems.into_iter().flatten().filter(|stem| stem.chars().count() >= 2).collect()
}

/// The shortest stem: the key under which prices of one substance are kept.
pub fn key(name: &str) -> &str {
    without_salt(name).into_iter().min_by_key(|stem| stem.len()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_salt_is_taken_off() {
        for (name, substance) in [
            ("阿托伐他汀钙", "阿托伐他汀"),
            ("苯磺酸氨氯地平", "氨氯地平"),
            ("硫酸氢氯吡格雷", "氯吡格雷"),
            ("头孢曲松钠", "头孢曲松"),
            ("培美曲塞二钠", "培美曲塞"),
            ("瑞舒伐他汀", "瑞舒伐他汀"),
        ] {
            assert_eq!(key(name), substance);
        }
    }

    #[test]
    fn an_ester_is_no_salt() {
        assert!(without_salt("硝酸甘油").is_empty());
    }
}
