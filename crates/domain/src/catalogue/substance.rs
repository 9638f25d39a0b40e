//! The active substance in a western generic name: salts and bases taken off.
//!
//! Serves the list's general rule 7: a western drug whose main chemical part and form agree with
//! the list belongs to it, whatever its acid or base. Only salts are taken off; esters that are
//! drugs of their own (硝酸甘油) are kept.

use std::borrow::Cow;

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
/// Bases, water, and acids that stand last, after the name; longer ones first.
const BASES: &[&str] = &[
    "琥珀酸钠",
    "磷酸钠",
    "一水合物",
    "水合物",
    "氨丁三醇",
    "二钠",
    "二钾",
    "钠",
    "钾",
    "钙",
    "镁",
];
/// Esters and minerals whose "salt" is the drug.
const WHOLE: &[&str] =
    &["硝酸甘油", "硝酸异山梨酯", "单硝酸异山梨酯", "磷酸肌酸", "葡萄糖酸钙", "甘油磷酸"];

/// Stems of a name in matching form with acid, base or both taken off, without the name itself. At
/// most four.
pub fn without_salt(name: &str) -> Vec<Cow<'_, str>> {
    if WHOLE.iter().any(|whole| name.starts_with(whole)) {
        return Vec::new();
    }
    let without_base = |text| BASES.iter().find_map(|base| str::strip_suffix(text, base));
    let headless = ACIDS.iter().find_map(|acid| name.strip_prefix(acid));
    let stems = [headless, without_base(name), headless.and_then(without_base)];
    let mut stems: Vec<Cow<'_, str>> = stems.into_iter().flatten().map(Cow::Borrowed).collect();
    // Two substances, each with its base: 头孢哌酮钠舒巴坦钠.
    if name.matches(['钠', '钾']).count() > 1 {
        stems.push(Cow::Owned(name.replace(['钠', '钾'], "")));
    }
    stems.retain(|stem| stem.chars().count() >= 2);
    stems
}

/// The shortest stem: the key under which prices of one substance are kept.
pub fn key(name: &str) -> Cow<'_, str> {
    let shortest = without_salt(name).into_iter().min_by_key(|stem| stem.len());
    shortest.unwrap_or(Cow::Borrowed(name))
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
            ("头孢哌酮钠舒巴坦钠", "头孢哌酮舒巴坦"),
            ("甲泼尼龙琥珀酸钠", "甲泼尼龙"),
        ] {
            assert_eq!(key(name), substance);
        }
    }

    #[test]
    fn an_ester_is_no_salt() {
        for name in ["硝酸甘油", "甘油磷酸钠", "硝酸异山梨酯"] {
            assert!(without_salt(name).is_empty(), "{name}");
        }
    }
}
