//! Reads what the journal says of the disk.

use crate::{
    logic::disk::Told,
    model::Record,
    store::{JournalFilter, JournalReader, StoreError},
};

/// By the newest record of each code.
pub(super) async fn told(journal: JournalReader) -> Result<Told, StoreError> {
    let (filling, cleared) =
        (newest(&journal, "disk.filling").await?, newest(&journal, "disk.cleared").await?);
    let freed = number(&newest(&journal, "disk.reserve-freed").await?);
    let restored = number(&newest(&journal, "disk.reserve-restored").await?);
    let filling = filling.filter(|filling| Some(filling.seq) > number(&cleared));
    let percent = filling.and_then(|filling| filling.body.get("percent")?.parse().ok());
    Ok(Told::new(percent, freed > restored))
}

async fn newest(journal: &JournalReader, code: &str) -> Result<Option<Record>, StoreError> {
    let filter = JournalFilter {
        code: Some(code.to_owned()),
        newest_first: true,
        limit: 1,
        ..JournalFilter::default()
    };
    Ok(journal.page(filter).await?.pop())
}

fn number(record: &Option<Record>) -> Option<u64> {
    record.as_ref().map(|record| record.seq)
}
