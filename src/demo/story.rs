//! One prescription's story, and an invitation to try the running server.

use std::fmt::Write;

use domain::institution::InstitutionId;
use serde_json::Value;
use store::EventView;

use super::errand::Stage;
use super::fault::DemoFault;

/// The timeline of a prescription that was worth it, one line per event.
pub async fn tell(stage: &Stage) -> Result<String, DemoFault> {
    let first = stage.tally().stories.values().next().map(|story| story.prescription_id);
    let Some(id) = first else { return Ok(String::new()) };
    let token = stage.door.regulator().await?;
    let path = format!("/v1/regulator/prescriptions/{id}/timeline");
    let events: Vec<EventView> = stage.door.get(&path, &token).await?;
    let mut text = format!("一张处方的经过 / the story of prescription {id}:\n");
    for event in &events {
        // Writing to a string cannot fail.
        writeln!(text, "{}", line(stage, event)).unwrap_or_default();
    }
    Ok(text)
}

fn line(stage: &Stage, event: &EventView) -> String {
    let at: String = event.at.to_string().chars().take(16).collect();
    let who = event.actor.map_or_else(|| "—".to_owned(), |id| name(stage, id));
    let detail = detail(&event.kind, &event.body);
    format!("  {at}  {}  {who}{detail}", both(&event.kind))
}

fn name(stage: &Stage, id: InstitutionId) -> String {
    let house = stage.world.houses().find(|house| house.institution.id == id);
    house.map_or_else(|| id.to_string(), |house| house.institution.name.to_string())
}

/// What happened, in both languages.
fn both(kind: &str) -> String {
    let zh = match kind {
        "accepted" => "接收",
        "shown" => "药店候选已展示",
        "chosen" => "患者选店",
        "claimed" => "接单",
        "approved" => "审方通过",
        "queried" => "药师询问",
        "answered" => "医师答复",
        "prepared" => "配药",
        "settled" => "结算",
        "handed_over" => "交付",
        "released" => "退单",
        _ => "",
    };
    format!("{zh} {kind}")
}

fn detail(kind: &str, body: &Value) -> String {
    let text = |member: &str| {
        body.get(member).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    match kind {
        "settled" => format!(
            ": 目录 edition {}; 总额 total {}, 基金 fund {}, 个人 personal {} 元",
            text("edition"),
            text("total"),
            text("fund"),
            text("personal")
        ),
        "queried" | "answered" => format!(": {}", text("note")),
        "accepted" => {
            let lines = body.get("self_pay_lines").and_then(Value::as_array).map_or(0, Vec::len);
            format!(": 目录 edition {}; 自费 self-pay lines {lines}", text("edition"))
        }
        _ => String::new(),
    }
}

/// The page of the interface, and one call per role about the same prescription, ready to paste.
pub async fn invitation(stage: &Stage) -> Result<String, DemoFault> {
    let base = stage.door.base();
    let mut text = format!("界面 / interface: {base}/docs/\n");
    let first = stage.tally().stories.values().next().cloned();
    let Some(story) = first else { return Ok(text) };
    let id = story.prescription_id;
    let houses = [
        (stage.world.hospitals.get(story.hospital), format!("/v1/hospital/prescriptions/{id}")),
        (stage.world.pharmacy(story.pharmacy), format!("/v1/pharmacy/prescriptions/{id}")),
    ];
    for (house, path) in houses {
        let Some(house) = house else { continue };
        let token = stage.door.token_of(house).await?;
        text.push_str(&call(&house.institution.name, base, &path, &token));
    }
    if let Some(patient) = stage.world.patients.get(story.patient) {
        let token = stage.door.admit(&story.pickup_token, &patient.last_four()).await?;
        let token = token.unwrap_or_default();
        text.push_str(&call(&patient.name, base, "/v1/patient/prescription", &token));
    }
    let token = stage.door.regulator().await?;
    let path = format!("/v1/regulator/prescriptions/{id}/timeline");
    text.push_str(&call("监管 regulator", base, &path, &token));
    Ok(text)
}

fn call(who: &str, base: &str, path: &str, token: &str) -> String {
    format!("# {who}\ncurl -s '{base}{path}' -H 'Authorization: Bearer {token}'\n")
}
