//! Exports over the API: whole files, each with its record.

use super::*;
use crate::{
    model::{NewRecord, Severity},
    store::JournalFilter,
};

const OPENED: &str = "door.opened";

#[tokio::test]
async fn r_export_a_file_is_whole_and_its_record_tells_its_hash() {
    let hall = Hall::new(&[]).await;
    let records = (0..20).map(|_| NewRecord::system(StoppedClock.now(), OPENED, Severity::Info).at("main"));
    hall.journal.write(Write { records: records.collect(), rows: Vec::new() }).await.unwrap();
    let answer = hall.get("/api/v1/journal/export?why=inspection&door=main").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/zip");
    let name = answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let filter =
        JournalFilter { code: Some("log.exported".to_owned()), limit: 2, ..JournalFilter::default() };
    let told = hall.journal.reader().page(filter).await.unwrap();
    assert_eq!(told.len(), 1);
    assert!(name.contains(&format!("hallward-log-{}.zip", told[0].seq)), "{name}");
    use sha2::Digest;
    assert_eq!(told[0].body["sha256"], data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&bytes)));
    assert_eq!((told[0].body["records"].as_str(), told[0].body["contiguous"].as_str()), ("20", "true"));
    assert!(told[0].actor.starts_with('t'), "the token, by its id");
}

#[tokio::test]
async fn what_cannot_be_exported_is_told() {
    let hall = Hall::new(&[]).await;
    let rows = [
        ("", 400, "`why` is missing"),
        ("?why=", 400, "`why` is missing"),
        ("?why=%20", 422, "say why"),
        ("?why=x&person=lan", 400, "is no person"),
        ("?why=x&limit=5", 400, "unknown query parameter"),
        ("?why=x&from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z", 400, "later than"),
    ];
    for (query, status, words) in rows {
        let (found, body) = hall.json(&format!("/api/v1/journal/export{query}")).await;
        assert_eq!(found.as_u16(), status, "{query}: {body}");
        assert!(body["detail"].as_str().unwrap().contains(words), "{query}: {body}");
    }
}
