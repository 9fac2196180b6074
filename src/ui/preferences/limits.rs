//! 한도: how much is asked of the broker.

use egui::Ui;

use crate::settings::{Change, Environment};

use super::{Around, Changed, field, note, title};

/// What has been typed; `None` before the section was looked at.
#[derive(Default)]
pub(super) struct Form(Option<Texts>);

struct Texts {
    rate: String,
    registrations: String,
}

/// Hundredths of a request a second; `None` for an empty line.
fn rate_in(text: &str) -> Option<Option<u32>> {
    if text.is_empty() {
        return Some(None);
    }
    let rate = text.parse::<f64>().ok()?;
    let allowed = (0.01..=1_000.0).contains(&rate);
    allowed.then(|| Some((rate * 100.0).round() as u32))
}

pub(super) fn limits_ui(ui: &mut Ui, form: &mut Form, around: &Around<'_>, changed: &mut Changed) {
    let theme = around.theme;
    let kis = &around.kept.settings.kis;
    let texts = form.0.get_or_insert_with(|| Texts {
        rate: kis
            .requests_per_second
            .map_or_else(String::new, |rate| rate.to_string()),
        registrations: kis.realtime_registrations.to_string(),
    });
    title(ui, t!("요청"), theme);
    let usual = match (kis.environment, kis.new_customer) {
        (Environment::Paper, _) => "0.9",
        (Environment::Real, true) => "3",
        (Environment::Real, false) => "18",
    };
    let check = |text: &str| {
        rate_in(text).ok_or_else(|| {
            t!("0.01부터 1000까지의 수를 적거나, 비워 두면 서버의 한도대로 보냅니다").to_owned()
        })
    };
    let now = kis
        .requests_per_second
        .map(|rate| (rate * 100.0).round() as u32);
    if let Some(new) = field(ui, t!("초당 요청 수"), &mut texts.rate, theme, check)
        && new != now
    {
        changed.settings.push(Change::RequestsPerSecond(new));
    }
    note(ui, &t!("비워 두면 초당 %{usual}건", usual = usual), theme);
    let mut new_customer = kis.new_customer;
    let fresh = t!("Open API를 새로 신청한 고객 (처음 며칠은 초당 3건까지만 허용됩니다)");
    if ui.checkbox(&mut new_customer, fresh).changed() {
        changed.settings.push(Change::NewCustomer(new_customer));
    }
    title(ui, t!("실시간"), theme);
    let check = |text: &str| match text.parse() {
        Ok(count @ 1..=1_000) => Ok(count),
        _ => Err(t!("1부터 1000까지의 정수를 적으세요").to_owned()),
    };
    let label = t!("실시간 등록 수");
    if let Some(new) = field(ui, label, &mut texts.registrations, theme, check)
        && new != kis.realtime_registrations
    {
        changed.settings.push(Change::Registrations(new));
    }
    note(
        ui,
        t!("한국투자증권은 접속 하나에 41건까지 허용합니다. 나머지 종목은 돌아가며 조회합니다."),
        theme,
    );
    ui.add_space(8.0);
    note(ui, t!("이 화면의 설정은 다시 시작하면 적용됩니다."), theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_the_file_reads_them() {
        assert_eq!(rate_in(""), Some(None));
        assert_eq!(rate_in("0.9"), Some(Some(90)));
        assert_eq!(rate_in("18"), Some(Some(1_800)));
        for bad in ["0", "-1", "1001", "x", "NaN", "inf"] {
            assert_eq!(rate_in(bad), None, "{bad}");
        }
    }
}
