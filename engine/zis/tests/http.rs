//! The rules of HTTP, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use support::raw::{Reply, connect, exchange, post, read};
use support::{PATH, Running, code, control, guid, message, register, text, zone};
use tokio::io::AsyncWriteExt;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unpacked(reply: &Reply) -> String {
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(&reply.body[..]).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_message_is_answered_with_an_ack_of_the_right_type_and_length() {
    let running = Running::with_agents(&["A"]).await;
    let id = guid();
    let sent = support::message_with_id("A", "SIF_Unregister", "", &id);
    let reply = exchange(running.server.address(), &post("", sent.as_bytes())).await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/xml;charset=\"utf-8\""));
    assert_eq!(reply.header("transfer-encoding"), None, "the length is known");
    let answer = reply.text();
    assert_eq!(text(&answer, "SIF_OriginalMsgId"), Some(id.as_str()));
    assert_eq!(text(&answer, "SIF_OriginalSourceId"), Some("A"));
    assert_eq!(text(&answer, "SIF_SourceId"), Some(support::ZONE));
    assert_eq!(code(&answer), "4/9");
}

#[tokio::test]
async fn what_is_no_message_is_answered_in_sif_with_200() {
    let running = Running::with_agents(&[]).await;
    for (body, expected) in [
        ("", "1/2"),
        ("no xml", "1/2"),
        ("<SIF_Message>", "1/2"),
        ("<!DOCTYPE SIF_Message [<!ENTITY e 'x'>]><SIF_Message/>", "1/2"),
        ("<Other/>", "1/3"),
        ("<SIF_Message xmlns=\"http://example.org/\" Version=\"2.4\"><SIF_Ping/></SIF_Message>", "12/3"),
        (
            "<SIF_Message xmlns=\"http://www.sifinfo.org/infrastructure/2.x\" Version=\"2.4\"><SIF_Pling/></SIF_Message>",
            "12/2",
        ),
    ] {
        let reply = exchange(running.server.address(), &post("", body.as_bytes())).await.unwrap();
        assert_eq!(reply.status, 200, "{body}");
        let answer = reply.text();
        assert_eq!(code(&answer), expected, "{body}: {answer}");
        assert!(answer.contains("<SIF_OriginalMsgId xsi:nil=\"true\">"), "{answer}");
    }
}

#[tokio::test]
async fn only_post_of_xml_to_a_zone_is_taken() {
    let running = Running::with_agents(&[]).await;
    let address = running.server.address();
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let request = format!("{method} {PATH} HTTP/1.1\r\nHost: zone\r\nContent-Length: 0\r\n\r\n");
        let reply = exchange(address, request.as_bytes()).await.unwrap();
        assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")), "{method}");
    }
    for path in [
        "/",
        "/zones/",
        "/zones/Other",
        "/zones/Test%20Zone/",
        "/zones/test%20zone",
        "/zones/..%2fTest%20Zone",
        "/zones/Test%2",
    ] {
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: zone\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>");
        assert_eq!(exchange(address, request.as_bytes()).await.unwrap().status, 404, "{path}");
    }
    for (content_type, status) in [
        ("Content-Type: application/xml;charset=\"utf-8\"\r\n", 200),
        ("Content-Type: text/xml; charset=UTF-8\r\n", 200),
        ("Content-Type: application/xml\r\n", 200),
        ("Content-Type: application/xml; charset=iso-8859-1\r\n", 415),
        ("Content-Type: application/json\r\n", 415),
        ("Content-Type: text/plain\r\n", 415),
        ("", 415),
        ("Content-Type: text/xml\r\nContent-Encoding: br\r\n", 415),
        ("Content-Type: text/xml\r\nContent-Encoding: gzip, gzip\r\n", 415),
        ("Content-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n", 415),
    ] {
        let request = format!("POST {PATH} HTTP/1.1\r\nHost: zone\r\n{content_type}Content-Length: 4\r\n\r\n<a/>");
        assert_eq!(exchange(address, request.as_bytes()).await.unwrap().status, status, "{content_type}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_whether_its_length_is_said_or_not() {
    let running = Running::start(|config| {
        let mut zone = zone(&[]);
        zone.options.max_message_size = 10_000;
        config.zone(zone)
    })
    .await;
    let address = running.server.address();
    let said = format!("POST {PATH} HTTP/1.1\r\nHost: z\r\nContent-Type: text/xml\r\nContent-Length: 10001\r\n\r\n");
    assert_eq!(exchange(address, said.as_bytes()).await.unwrap().status, 413, "before a byte of it came");
    let head =
        format!("POST {PATH} HTTP/1.1\r\nHost: z\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunks = |count: usize| {
        [
            head.as_bytes(),
            &b"3e8\r\n".iter().chain(&[b' '; 1000]).chain(b"\r\n").copied().collect::<Vec<_>>().repeat(count),
        ]
        .concat()
    };
    assert_eq!(exchange(address, &chunks(11)).await.unwrap().status, 413, "chunk by chunk");
    let fits = [&chunks(10)[..], b"0\r\n\r\n"].concat();
    assert_eq!(exchange(address, &fits).await.unwrap().status, 200, "exactly as much as allowed, all of it spaces");
    let reply = exchange(address, &post("", &vec![b' '; 10_000])).await.unwrap();
    assert_eq!((reply.status, code(&reply.text()).as_str()), (200, "1/2"));
}

#[tokio::test]
async fn gzip_goes_both_ways_as_the_client_likes() {
    let running = Running::with_agents(&["A"]).await;
    let address = running.server.address();
    let packed = gzip(register("A", "Pull", "").as_bytes());
    let reply = exchange(
        address,
        &post("Content-Encoding: gzip\r\nAccept-Encoding: gzip;q=1.0, identity;q=0.5, *;q=0\r\n", &packed),
    )
    .await;
    let reply = reply.unwrap();
    let answer = unpacked(&reply);
    assert_eq!(code(&answer), "0");
    assert!(answer.len() > reply.body.len());
    for plain in
        ["", "Accept-Encoding: identity\r\n", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: deflate, br\r\n"]
    {
        let reply = exchange(address, &post(plain, register("A", "Pull", "").as_bytes())).await.unwrap();
        assert_eq!(reply.header("content-encoding"), None, "{plain}");
        assert_eq!(code(&reply.text()), "0");
    }
}

#[tokio::test]
async fn a_bomb_is_not_unpacked_and_what_is_no_gzip_is_an_error_of_transport() {
    let running = Running::with_agents(&[]).await;
    let address = running.server.address();
    let bomb = gzip(&vec![b' '; 256 << 20]);
    assert!(bomb.len() < 300_000);
    let began = std::time::Instant::now();
    assert_eq!(exchange(address, &post("Content-Encoding: gzip\r\n", &bomb)).await.unwrap().status, 413);
    assert!(began.elapsed().as_millis() < 1500, "it took {:?}", began.elapsed());
    let nested = gzip(&gzip(&vec![b' '; 1 << 20]));
    let reply = exchange(address, &post("Content-Encoding: gzip\r\n", &nested)).await.unwrap();
    assert_eq!((reply.status, code(&reply.text()).as_str()), (200, "1/2"), "it is unpacked once");
    let reply = exchange(address, &post("Content-Encoding: gzip\r\n", b"<a/>")).await.unwrap();
    assert_eq!((reply.status, code(&reply.text()).as_str()), (200, "10/1"));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order_on_one_connection() {
    let running = Running::with_agents(&["A"]).await;
    let ids: Vec<String> = (0..5).map(|_| guid()).collect();
    let requests: Vec<u8> = ids
        .iter()
        .flat_map(|id| post("", support::message_with_id("A", "SIF_Unregister", "", id).as_bytes()))
        .collect();
    let mut stream = connect(running.server.address()).await;
    stream.write_all(&requests).await.unwrap();
    for id in &ids {
        let reply = read(&mut stream).await.unwrap();
        assert_eq!(text(&reply.text(), "SIF_OriginalMsgId"), Some(id.as_str()));
    }
    // And it stays open.
    stream.write_all(&post("", b"<a/>")).await.unwrap();
    assert_eq!(read(&mut stream).await.unwrap().status, 200);
}

#[tokio::test]
async fn two_lengths_that_disagree_do_not_smuggle_a_request() {
    let running = Running::with_agents(&["A"]).await;
    let address = running.server.address();
    let two = format!(
        "POST {PATH} HTTP/1.1\r\nHost: z\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n<a/>x"
    );
    assert_eq!(exchange(address, two.as_bytes()).await.unwrap().status, 400);
    let both = format!(
        "POST {PATH} HTTP/1.1\r\nHost: z\r\nContent-Type: text/xml\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET {PATH} HTTP/1.1\r\nHost: z\r\n\r\n"
    );
    let mut stream = connect(address).await;
    stream.write_all(both.as_bytes()).await.unwrap();
    let first = read(&mut stream).await.unwrap();
    let second = read(&mut stream).await;
    // What is read by one of the two is answered, and whatever may be taken for a second request is not.
    assert_eq!(first.header("connection"), Some("close"));
    assert!(second.is_none(), "{first:?}, then {second:?}");
}

#[tokio::test]
async fn expect_100_continue_is_answered_before_the_body_comes() {
    let running = Running::with_agents(&["A"]).await;
    let mut stream = connect(running.server.address()).await;
    let body = message("A", "SIF_Unregister", "");
    let whole = post("Expect: 100-continue\r\n", body.as_bytes());
    let (head, body) = whole.split_at(whole.len() - body.len());
    stream.write_all(head).await.unwrap();
    let mut line = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut line).await.unwrap();
    assert_eq!(&line, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body).await.unwrap();
    assert_eq!(read(&mut stream).await.unwrap().status, 200);
    let other = exchange(running.server.address(), &post("Expect: miracles\r\n", b"<a/>")).await.unwrap();
    assert_eq!(other.status, 417);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_half_and_its_message_is_taken() {
    let running = Running::with_agents(&["A"]).await;
    running.register("A").await;
    let id = guid();
    let whole = post("", support::event_with_id("A", &id).as_bytes());
    // Everywhere within the request.
    for cut in (0..whole.len()).step_by(37) {
        let mut stream = connect(running.server.address()).await;
        stream.write_all(&whole[..cut]).await.unwrap();
        drop(stream);
    }
    assert_eq!(code(&running.send(&control("A", "SIF_Ping")).await), "0");
    let first = running.send(&support::event_with_id("A", &id)).await;
    assert_eq!(code(&first), "0", "nothing of it was taken while it was not whole");
    // Behind its end: it is whole, whether somebody waits for the answer or not.
    let id = guid();
    let mut stream = connect(running.server.address()).await;
    stream.write_all(&post("", support::event_with_id("A", &id).as_bytes())).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    drop(stream);
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let again = running.send(&support::event_with_id("A", &id)).await;
    assert_eq!(code(&again), "7", "it was taken");
}
