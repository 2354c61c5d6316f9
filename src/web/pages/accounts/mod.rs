//! `/accounts`: what administrators do. The list with its form for another person; one account with all that can be done
//! to it; wall displays and tokens; the rules of signing in.
//!
//! Every deed takes its reason, which goes into the journal. What may be done, and what it does, is `crate::accounts`'.

mod account;
mod add;
mod deeds;
mod list;
mod rules;
mod tokens;

use super::{
    super::route::{Need, Route},
    asked::back,
};
use crate::model::Right;

const HERE: &str = "nav-accounts";
const ADDRESS: &str = "/accounts";

const MANAGES: Need = Need::Right(Right::AccountManage);

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let lists = vec![
        Route::page(ADDRESS, MANAGES, list::list),
        Route::page("/accounts/add", MANAGES, back),
        Route::form("/accounts/add", MANAGES, add::add),
        Route::page("/accounts/change-all", MANAGES, back),
        Route::form("/accounts/change-all", MANAGES, list::change_all),
        Route::page(rules::ADDRESS, MANAGES, rules::rules),
        Route::form(rules::ADDRESS, MANAGES, rules::set),
        Route::page(tokens::ADDRESS, MANAGES, tokens::tokens),
        Route::page("/accounts/tokens/display", MANAGES, back),
        Route::form("/accounts/tokens/display", MANAGES, tokens::make_display),
        Route::page("/accounts/tokens/token-end", MANAGES, back),
        Route::form("/accounts/tokens/token-end", MANAGES, tokens::end),
    ];
    let of_one = vec![
        Route::page("/accounts/{id}", MANAGES, account::account),
        Route::page("/accounts/{id}/{deed}", MANAGES, back),
        Route::form("/accounts/{id}/{deed}", MANAGES, deeds::deed),
    ];
    lists.into_iter().chain(of_one).collect()
}
