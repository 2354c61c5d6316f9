//! `/account/second-factor`: the secret of the second factor as a picture and as text; it counts once a code of it has
//! been shown. `POST /account/second-factor-off` takes it out of use, with the password.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use qrcode::{Color, QrCode};

use super::{
    super::{
        super::{form::Form, problem::Problem},
        asked::{Asked, onward},
        frame::Frame,
        page_with,
        told::Told,
    },
    ADDRESS, HERE, shown,
};
use crate::accounts::{NotDone, PendingTotp};

const PAGE: &str = "/account/second-factor";

/// Light modules around the picture; the standard asks for four.
const QUIET: usize = 4;

#[derive(Template)]
#[template(path = "account/second-factor.html")]
struct SecondFactorPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    picture: Picture,
    /// In groups of four.
    secret: String,
}

/// A QR code as one path of squares.
struct Picture {
    width: usize,
    path: String,
}

/// The handler of `GET /account/second-factor`.
pub(super) async fn set_up(asked: Asked) -> Result<Response, Problem> {
    let frame = asked.frame(HERE, PAGE)?;
    pending(&asked, &frame, &Told::default())
}

/// The handler of `POST /account/second-factor`.
pub(super) async fn confirm(asked: Asked, form: Form) -> Result<Response, Problem> {
    match asked.accounts().confirm_totp(&asked.caller, form.text("code")).await {
        Ok(()) => Ok(onward(ADDRESS, "second-factor-on")),
        Err(error) => {
            let frame = asked.frame(HERE, PAGE)?;
            let told = Told::wrong(&frame.words, "code", form, &error.into());
            pending(&asked, &frame, &told)
        }
    }
}

/// The handler of `POST /account/second-factor-off`.
pub(super) async fn switch_off(asked: Asked, form: Form) -> Result<Response, Problem> {
    match asked.accounts().remove_totp(&asked.caller, form.raw("password").to_owned()).await {
        Ok(()) => Ok(onward(ADDRESS, "second-factor-off")),
        Err(error) => {
            let frame = asked.frame(HERE, ADDRESS)?;
            shown(&asked, &frame, &Told::wrong(&frame.words, "second-factor-off", form, &error.into()))
        }
    }
}

fn pending(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let PendingTotp { base32, address, .. } = match asked.accounts().begin_totp(&asked.caller) {
        // There is one already: the account's page says so, and can switch it off.
        Err(NotDone::Conflict(_)) => return Ok(Redirect::to(ADDRESS).into_response()),
        begun => begun.map_err(Problem::not_done)?,
    };
    let picture =
        Picture::new(&address).ok_or_else(|| Problem::unavailable("the site's name is too long"))?;
    let groups: Vec<String> = base32.as_bytes().chunks(4).map(|group| text(group).to_owned()).collect();
    let answer = SecondFactorPage { frame, told, picture, secret: groups.join(" ") };
    page_with(told.status(), &answer, frame)
}

/// Base 32 is ASCII.
fn text(group: &[u8]) -> &str {
    std::str::from_utf8(group).unwrap_or_default()
}

impl Picture {
    fn new(text: &str) -> Option<Self> {
        let code = QrCode::new(text).ok()?;
        let width = code.width();
        let modules = code.to_colors();
        let dark = modules.iter().enumerate().filter(|(_, colour)| **colour == Color::Dark);
        let square = |at: usize| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
        Some(Self { width: width + 2 * QUIET, path: dark.map(|(at, _)| square(at)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_three_corners_of_a_qr_code_and_a_quiet_zone() {
        let picture = Picture::new("otpauth://totp/Hall:lan?secret=GEZD").unwrap();
        let far = picture.width - QUIET - 7;
        for (x, y) in [(QUIET, QUIET), (far, QUIET), (QUIET, far)] {
            for (right, down) in [(0, 0), (6, 0), (0, 6), (6, 6), (3, 3)] {
                let square = format!("M{} {}h1v1h-1z", x + right, y + down);
                assert!(picture.path.contains(&square), "{square}");
            }
            assert!(!picture.path.contains(&format!("M{} {}h", x + 1, y + 1)), "light within the corner");
        }
        assert!(!picture.path.contains("M0 ") && !picture.path.contains("M3 "));
    }
}
