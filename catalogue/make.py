#!/usr/bin/env python3
"""Makes the files of this folder from the raw collections, so that every column can be traced.

    python3 catalogue/make.py [RAW_FOLDER]        (default: ../shared/data beside the project)

Reads CSV, writes CSV; invents nothing. What each file is made of is said at its function; where the
raw files come from is in PROVENANCE.md. Dates: the sources print the LAST day of an agreement,
the files here hold the first day after it (half-open periods). Only the columns that the product
needs are kept. Python 3 standard library alone.
"""
import csv
import datetime
import re
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
RAW = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent / "shared" / "data"

CLASS = {"甲": "A", "乙": "B"}
DRUG_COLUMNS = [
    "id", "part", "further_form", "name", "class", "dosage_form", "restriction",
    "restriction_known", "agreement_from", "agreement_to", "price_confidential",
]
# General rules of the 2024 list, 14 and 15: they bind numbered rows whose own remark is empty.
PARENTERAL = "需经营养风险筛查明确具有营养风险，且不能经饮食或使用肠内营养剂补充足够营养的住院患者方予支付（凡例十四）。"
ENTERAL = "需经营养风险筛查明确具有营养风险，且应为不能经饮食补充足够营养的患者方予支付（凡例十五）。"
# The eleven cities of the first pilot: 4 municipalities and 7 cities.
ELEVEN_CITIES = "北京|天津|上海|重庆|沈阳|大连|厦门|广州|深圳|成都|西安"
LIMIT = {
    "限定年龄对象": "age", "限定性别对象": "sex", "限定支付疗程": "course",
    "限定机构等级": "institution_level", "限定就医方式": "visit_type", "限定保险类型": "insurance_type",
}
BATCH = {"第一批": 1, "第二批": 2, "第三批": 3, "第四批": 4, "第五批": 5, "第六批": 6}


def raw(name):
    with open(RAW / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(name, columns, rows):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows(rows)
    print(f"{name}: {len(rows)}")


def normal(text):
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s", "", text).replace("[", "(").replace("]", ")")


def after(last_day):
    """First day after the printed last day."""
    if not last_day:
        return ""
    return str(datetime.date.fromisoformat(last_day) + datetime.timedelta(days=1))


def remark(text, nutrition=""):
    """The remark without the mark ◇ (a group, no restriction), with the general rule that binds it."""
    text = text.strip()
    text = "" if text == "◇" else text
    if nutrition and text:
        return text + nutrition
    return text or nutrition


def nutrition_2024(row):
    number = int(row["printed_no"] or 0)
    if row["printed_part"] == "western" and 279 <= number <= 295:
        return PARENTERAL
    if row["printed_part"] == "western" and 1318 <= number <= 1332:
        return ENTERAL
    return ""


PART = {
    "western": "western", "tcm_patent": "chinese_patent", "bidding": "bid",
    "negotiated_western": "negotiated_western", "negotiated_tcm": "negotiated_chinese_patent",
}


def drugs_2024():
    """nrdl2024_catalog.csv. The part is the printed one; two rows printed in the western part have an
    agreement and keep it. id = source_id."""
    rows = raw("nrdl2024_catalog.csv")
    write("nrdl/2024/drugs.csv", DRUG_COLUMNS, [[
        r["source_id"], PART[r["printed_part"]], r["is_repeat"], r["name"], CLASS[r["class"]],
        r["dosage_form"], remark(r["restriction"], nutrition_2024(r)), "known",
        r["valid_from"], after(r["valid_to"]), r["price_confidential"] or "0",
    ] for r in rows])


def drugs_2025():
    """nrdl2025_west_tcm.csv with the western remarks of nrdl2025_west_restrictions.csv (by row_id).
    read_2025 → known, carried_2024 → carried. A row bound by general rule 14 or 15 is carried: the
    reference was read in 2025, the text of the rule only in 2024. id = part letter + row_id."""
    west = {r["row_id"]: r for r in raw("nrdl2025_west_restrictions.csv")}
    out = []
    for r in raw("nrdl2025_west_tcm.csv"):
        text, known = r["restriction_2025"], "known"
        if r["part"] == "western":
            w = west[r["row_id"]]
            rule = {"（十四）": PARENTERAL, "（十五）": ENTERAL, "": ""}[w["see_fanli"]]
            text = remark(w["restriction_2025"], rule)
            known = "known" if w["basis"] == "read_2025" and not rule else "carried"
        out.append([
            r["row_id"], PART[r["part"]], r["is_repeat"], r["name"], CLASS[r["class"]],
            r["dosage_form"], remark(text), known, "", "", "0",
        ])
    write("nrdl/2025/drugs.csv", DRUG_COLUMNS, out)


def negotiated_2025():
    """nrdl2025_negotiated_western.csv: transcribed → known, 2024_carried → carried. id = N or B + number."""
    letter = {"negotiated_western": "N", "bidding": "B"}
    write("nrdl/2025/negotiated.csv", DRUG_COLUMNS, [[
        letter[r["part"]] + r["no"], PART[r["part"]], "0", r["name"], CLASS[r["class"]], "",
        remark(r["restriction"]), "known" if r["restriction_source"] == "transcribed" else "carried",
        r["valid_from"], after(r["valid_to"]), r["price_confidential"],
    ] for r in raw("nrdl2025_negotiated_western.csv")])


def running_chinese_patent():
    return [r for r in raw("nrdl2025_negotiated_tcm_partial.csv") if r["status_2026"] == "running_into_2026"]


def negotiated_chinese_patent_2025():
    """The 33 rows of nrdl2025_negotiated_tcm_partial.csv whose agreement runs into 2026. The 21 that ended on
    2025-12-31 are not written: the loader carries them over from 2024 as in transition, listing unknown."""
    write("nrdl/2025/negotiated_chinese_patent.csv", DRUG_COLUMNS, [[
        f"C{n}", "negotiated_chinese_patent", "0", r["name"], CLASS[r["class"]], "",
        remark(r["restriction_2024"]), "carried", r["valid_from_2024"], after(r["valid_to_2024"]),
        r["price_confidential"],
    ] for n, r in enumerate(running_chinese_patent(), 1)])


def price(row):
    """Price and spec of one tier. A tier that the source could not split (`479.00元/盒(…)`) is split here; a text
    that runs on into the duties of the maker ends before them. No price → no row."""
    value, spec = row["price_yuan"], row["spec"]
    if not value:
        found = re.fullmatch(r"([\d.]+)元/(.+)", spec)
        if not found:
            return None
        value, spec = found.groups()
    return value, spec.split(")(协议有效期内")[0]


def payment_standards():
    """nrdl2024_payment_standards.csv and nrdl2025_payment_standards.csv; for the 33 running Chinese patent
    medicines the 2024 tiers of the same name."""
    columns = ["id", "price_yuan", "spec", "valid_from", "valid_to"]
    tiers = raw("nrdl2024_payment_standards.csv")
    line = lambda key, r: [key, *price(r), r["valid_from"], after(r["valid_to"])]
    priced = [r for r in tiers if price(r)]
    write("nrdl/2024/payment_standards.csv", columns, [line(r["source_id"], r) for r in priced])
    bids = {normal(r["name"]): r["no"] for r in raw("nrdl2025_negotiated_western.csv") if r["part"] == "bidding"}
    out = []
    for r in raw("nrdl2025_payment_standards.csv"):
        is_bid = bids.get(normal(r["name"])) == r["no"]
        out.append(line(("B" if is_bid else "N") + r["no"], r))
    for n, drug in enumerate(running_chinese_patent(), 1):
        out += [line(f"C{n}", r) for r in priced if normal(r["name"]) == normal(drug["name"])]
    write("nrdl/2025/payment_standards.csv", columns, out)


def decoction_pieces():
    """nrdl2024_tcm_slices.csv. The mark □ is the note 单独使用时不予支付…; two pieces add a restriction."""
    out = []
    for r in raw("nrdl2024_tcm_slices.csv"):
        alone = "单独使用时不予支付" in r["note"]
        _, _, limit = r["note"].partition("；")
        out.append([f"P{r['seq']}", r["name"], int(r["status"] == "excluded"), int(alone), limit])
    columns = ["id", "name", "excluded", "not_alone", "restriction"]
    write("nrdl/2024/decoction_pieces.csv", columns, out)


def shared_rules():
    """nrdl_dosage_form_merge.csv, nrdl2024_group_members.csv."""
    forms = [[r["actual_form"], r["merged_form"]] for r in raw("nrdl_dosage_form_merge.csv")]
    write("nrdl/dosage_forms.csv", ["actual", "merged"], forms)
    members = [[r["group_name"], r["member_name"]] for r in raw("nrdl2024_group_members.csv")]
    write("nrdl/group_members.csv", ["group", "member"], members)


def ethnic():
    """ethnic_medicines.csv: 95 in both editions, one negotiated (2024, agreement until the end of 2026)."""
    group = {"藏药": "tibetan", "蒙药": "mongolian", "维药": "uyghur"}
    rows = [[group[r["ethnic_group"]], r["name"], CLASS[r["class"]]] for r in raw("ethnic_medicines.csv")]
    write("ethnic/national.csv", ["group", "name", "class"], rows)


def codes():
    """icd10_yb_v2.csv, rules_drug_limit_by_code.csv."""
    write("codes/diagnoses.csv", ["code", "name"], [[r["code"], r["name"]] for r in raw("icd10_yb_v2.csv")])
    write("codes/national_code_limits.csv", ["code", "generic_name", "limit", "value", "batch"], [
        [r["drug_code"], r["generic_name"], LIMIT[r["limit_type"]], r["limit_value"], BATCH[r["batch"]]]
        for r in raw("rules_drug_limit_by_code.csv")
    ])


def limits():
    """rules_drug_limit_by_name.csv (with the ground given in the publication) and rules_drug_limit_12char.csv
    (one row per limit; the restriction patterns `(a|b)` become lists of words)."""
    write("rules/limits_by_name.csv", ["generic_name", "limit", "value", "batch", "basis"], [
        [r["generic_name"], LIMIT[r["limit_type"]], r["limit_value"], BATCH[r["batch"]], r["basis_text"]]
        for r in raw("rules_drug_limit_by_name.csv")
    ])
    columns = {
        "sex_limit": "sex", "age_limit": "age", "course_limit": "course", "step_limit": "therapy_line",
        "institution_limit": "institution_level", "visit_type_limit": "visit_type",
        "insurance_type_limit": "insurance_type", "specialty_limit": "specialty",
        "disease_limit_regex": "diagnosis",
    }
    out = []
    for r in raw("rules_drug_limit_12char.csv"):
        for column, limit in columns.items():
            words = r[column].strip()
            if limit in ("specialty", "diagnosis"):
                words = words.removeprefix("(").removesuffix(")")
                if re.search(r"[()\[\]\\*+?^$.{}]", words):
                    print(f"  pattern left out: {r['drug_code12']} {words}")
                    continue
            if words:
                out.append([r["drug_code12"], r["generic_name"], limit, words])
    write("rules/limits_by_prefix.csv", ["prefix", "generic_name", "limit", "value"], out)


def vbp():
    """vbp_selected_prices.csv. Makers of 4+7 are the short names of the source; 11城市 is spelt out."""
    rows = []
    for r in raw("vbp_selected_prices.csv"):
        regions = ELEVEN_CITIES if r["supply_regions"] == "11城市" else r["supply_regions"]
        rows.append([
            r["batch"], r["generic_name"], r["dosage_form"], r["spec"], r["multi_spec"],
            r["manufacturer"] or r["manufacturer_short"], r["is_selected"], r["price_unit_yuan"],
            regions.replace("新疆（含兵团）", "新疆"), r["tender_start"],
        ])
    columns = [
        "batch", "generic_name", "dosage_form", "spec", "multi_spec", "maker", "selected",
        "price_unit_yuan", "regions", "tender_start",
    ]
    write("vbp/batches_1_to_4.csv", columns, rows)


def commercial():
    """cidl2025_commercial_innovative.csv: drugs of the commercial-insurance list, outside basic insurance."""
    write("commercial/2025.csv", ["name", "brand", "holder", "category", "valid_from", "valid_to"], [
        [r["name"], r["brand"], r["mah"], r["category_code"], r["valid_from"], after(r["valid_to"])]
        for r in raw("cidl2025_commercial_innovative.csv")
    ])


def clinical_diagnoses():
    """icd10_gl2_to_yb2.csv: codes of ICD-10 国临版 2.0 that 医保版 2.0 writes otherwise. 246 of them are also codes
    of 医保版, with another meaning there: such a code is taken as 医保版 and its row is not used."""
    insurance = {r["code"] for r in raw("icd10_yb_v2.csv")}
    write("codes/clinical_diagnoses.csv", ["clinical", "insurance"], [
        [r["clinical_code"].strip(), r["yb_code"].strip()] for r in raw("icd10_gl2_to_yb2.csv")
        if r["clinical_code"].strip() not in insurance
    ])


def divisions():
    """admin_divisions.csv and townships_xz_gs_qh_hn.csv: code and name; what contains what is in the code. Townships of
    Tibet, Gansu, Qinghai and Hunan only."""
    rows = [[r["code"], r["name"]] for r in raw("admin_divisions.csv")]
    write("codes/divisions.csv", ["code", "name"], rows)
    rows = [[r["code"], r["name"]] for r in raw("townships_xz_gs_qh_hn.csv")]
    write("codes/townships.csv", ["code", "name"], rows)


def folded(text):
    """A French name without accents and ligatures, lower case: the source writes one class in two ways."""
    text = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("’", "'"))
    return "".join(c for c in text if not unicodedata.combining(c)).strip()


# Rows of drug_zh_en_atc_fda.csv whose Chinese name is another substance, or none, than the English one (read by hand).
MISNAMED = {
    "依普利酮", "罗库溴铵", "阿扎尼韦", "阿卡波糖钙", "去铁胺", "氨苯蝶啶", "氯己定", "沙利度胺凝胶", "磺胺嘧啶银", "盐酸羟甲唑啉",
    "甘油苯丁酸钠口服液", "双氢青蒿素哌喹片", "美妥沙班", "万博霉素", "氯氨苄", "伊立芬", "砒霜", "磷霉素甲氧苄胺", "除虫菊酯",
}


def interactions():
    """ddi_ansm_2020.csv, ddi_ansm_substances.csv, drug_zh_en_atc_fda.csv. Rows with food, alcohol or a route of use are
    left out; a pair that the source prints from both sides is written once; French text is kept as evidence."""
    write("interactions/names.csv", ["name", "name_en", "atc"], sorted(
        {(r["name_zh"].strip(), r["name_en"].strip(), r["atc_codes"]) for r in raw("drug_zh_en_atc_fda.csv")
         if r["atc_codes"] and re.search(r"[\u4e00-\u9fff]", r["name_zh"]) and r["name_zh"].strip() not in MISNAMED
         and (r["name_zh"].strip(), r["name_en"].strip()) != ("吡喹酮", "pyrantel")}
    ))
    classes = lambda r: "|".join(sorted({folded(c) for c in r["classes_fr"].split("|") if c}))
    codes = lambda r: "|".join(c for c in r["atc_codes"].split("|") if len(c) == 7)  # whole codes, not groups
    write("interactions/substances.csv", ["substance", "atc", "classes"], [
        [folded(r["substance_fr"]), codes(r), classes(r)] for r in raw("ddi_ansm_substances.csv") if codes(r)
    ])
    seen, out = set(), []
    for r in raw("ddi_ansm_2020.csv"):
        if "other" in (r["main_kind"], r["plus_kind"]):
            continue
        one, other = sorted([folded(r["main_drug_fr"]), folded(r["plus_drug_fr"])])
        texts = [r["severity_info_fr"], r["mechanism_fr"]]
        text = re.sub(r"\s+", " ", " ".join(t.strip() for t in texts if t.strip())).replace("\ufffd", "")
        row = (one, other, r["severity"], text)
        if row not in seen:
            seen.add(row)
            out.append(row)
    write("interactions/ansm_2020.csv", ["one", "other", "level", "text_fr"], out)


LOCAL_COLUMNS = [
    "kind", "name", "dosage_form", "class", "not_alone", "registration_no", "institutions", "valid_from", "valid_to",
]


def provinces():
    """Header rows alone: no province's list of its own items, nor of dual-channel drugs, was found in public."""
    for province in ("540000", "620000", "630000", "430000"):
        write(f"provinces/{province}/local_items.csv", LOCAL_COLUMNS, [])
        columns = ["name", "dosage_form", "separate_payment", "valid_from", "valid_to"]
        write(f"provinces/{province}/dual_channel.csv", columns, [])


PRODUCT_COLUMNS = [
    "national_code", "generic_name", "dosage_form", "spec", "units_per_pack", "maker", "approval_no", "trace_identifiers",
]


def products():
    """trace_code_identifier_sample.csv: the one public product with a drug identifier; its national code is not known."""
    write("products/public.csv", PRODUCT_COLUMNS, [
        ["", r["product_name"], "颗粒剂", "15g*19袋/盒", "19", r["holder"], r["approval_no"], r["drug_identifier_7"]]
        for r in raw("trace_code_identifier_sample.csv")
    ])


def demo_products():
    """demo/formulary.csv: one synthetic product per western or Chinese patent drug, two identifiers each (box and case).
    Makers, approval numbers and identifiers are invented: identifiers begin with 99 (box) and 98 (case), approval numbers
    with 9999."""
    out, letter = [], {"western": "H", "chinese_patent": "Z"}
    with open(HERE / "demo/formulary.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for n, r in enumerate((r for r in rows if r["kind"] in letter), 1):
        count = re.search(r"[*×](\d+)\D*?(?:[*×](\d+)\D*?)?/", r["spec"])
        units = int(count[1]) * int(count[2] or 1) if count else 1
        out.append([
            r["code"], r["generic_name"], r["dosage_form"], r["spec"], units, "样例药业有限公司",
            f"国药准字{letter[r['kind']]}9999{n:04}", f"99{n:05}|98{n:05}",
        ])
    write("demo/products.csv", PRODUCT_COLUMNS, out)


if __name__ == "__main__":
    for make in (drugs_2024, drugs_2025, negotiated_2025, negotiated_chinese_patent_2025,
                 payment_standards, decoction_pieces, shared_rules, ethnic, codes, limits, vbp,
                 commercial, clinical_diagnoses, divisions, interactions, provinces, products, demo_products):
        make()
