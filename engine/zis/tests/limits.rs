//! Clients that are slow, silent or too many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::time::Duration;

use support::raw::{connect, exchange, post, read, until_closed};
use support::{PATH, Running, control, short_limits, zone};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep, timeout};

#[tokio::test]
async fn a_head_that_dribbles_is_cut_off_though_each_byte_comes_in_time() {
    let running = Running::with_agents(&[]).await;
    let mut stream = connect(running.server.address()).await;
    let began = Instant::now();
    let head = format!("POST {PATH} HTTP/1.1\r\nHost: zone\r\nX-Slow: {}", "x".repeat(1000));
    for byte in head.bytes() {
        if stream.write_all(&[byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    // With a second for each byte it would be twenty.
    assert!(began.elapsed() < Duration::from_secs(10), "it lasted {:?}", began.elapsed());
    assert!(read(&mut stream).await.is_none());
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let running = Running::with_agents(&[]).await;
    let mut stream = connect(running.server.address()).await;
    let took = until_closed(&mut stream).await;
    assert!(took > Duration::from_millis(400), "{took:?}");
}

#[tokio::test]
async fn a_quiet_connection_is_kept_longer_than_a_head_may_take_but_not_for_ever() {
    let limits = || zis::server::HttpLimits { idle_timeout: Duration::from_secs(8), ..short_limits() };
    let running = Running::start(|config| config.zone(zone(&[])).limits(limits())).await;
    let mut stream = connect(running.server.address()).await;
    stream.write_all(&post("", b"<a/>")).await.unwrap();
    assert_eq!(read(&mut stream).await.unwrap().status, 200);
    sleep(Duration::from_millis(900)).await;
    stream.write_all(&post("", b"<a/>")).await.unwrap();
    assert_eq!(read(&mut stream).await.expect("it is still open").status, 200);
    let took = until_closed(&mut stream).await;
    assert!(took > Duration::from_secs(7), "{took:?}");
    // A second head that dribbles has no more time than a first.
    let mut stream = connect(running.server.address()).await;
    stream.write_all(&post("", b"<a/>")).await.unwrap();
    read(&mut stream).await.unwrap();
    stream.write_all(b"POST").await.unwrap();
    let took = until_closed(&mut stream).await;
    assert!(took < Duration::from_secs(6), "{took:?}");
}

#[tokio::test]
async fn a_body_has_its_time_in_all_however_it_dribbles() {
    let running = Running::with_agents(&[]).await;
    let mut stream = connect(running.server.address()).await;
    let body = vec![b' '; 1000];
    let whole = post("", &body);
    stream.write_all(&whole[..whole.len() - 1000]).await.unwrap();
    let began = Instant::now();
    let (mut reader, mut writer) = stream.split();
    let dribble = async {
        for _ in 0..1000 {
            if writer.write_all(b" ").await.is_err() {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let reply = tokio::select! { reply = read(&mut reader) => reply, () = dribble => unreachable!() };
    assert_eq!(reply.unwrap().status, 408);
    let took = began.elapsed();
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answers_is_let_go() {
    let running = Running::with_agents(&["A"]).await;
    let mut stream = connect(running.server.address()).await;
    // Requests without end, and not one answer is read.
    let request = post("", control("A", "SIF_Ping").as_bytes());
    let flood = async { while stream.write_all(&request).await.is_ok() {} };
    timeout(Duration::from_secs(60), flood).await.expect("the server hangs up");
}

#[tokio::test]
async fn no_peer_has_more_than_its_share_of_connections_and_they_come_free_again() {
    let limits = || zis::server::HttpLimits {
        connections_per_peer: 4,
        header_timeout: Duration::from_secs(30),
        ..short_limits()
    };
    let running = Running::start(|config| config.zone(zone(&[])).limits(limits())).await;
    let address = running.server.address();
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = connect(address).await;
        stream.write_all(b"POST").await.unwrap();
        held.push(stream);
    }
    sleep(Duration::from_millis(100)).await;
    let reply = exchange(address, &post("", b"<a/>")).await.unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")));
    drop(held);
    support::eventually("a connection is free again", async || {
        exchange(address, &post("", b"<a/>")).await.is_some_and(|reply| reply.status == 200)
    })
    .await;
}

#[tokio::test]
async fn hundreds_of_slow_clients_do_not_keep_a_good_one_waiting() {
    let limits = || zis::server::HttpLimits { header_timeout: Duration::from_secs(10), ..short_limits() };
    let running = Running::start(|config| config.zone(zone(&[])).limits(limits())).await;
    let address = running.server.address();
    let mut slow = Vec::new();
    for _ in 0..300 {
        let mut stream = connect(address).await;
        stream.write_all(b"POST /zones/x HTTP/1.1\r\nHost: x\r\nX-A: ").await.unwrap();
        slow.push(stream);
    }
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(exchange(address, &post("", b"<a/>")).await.unwrap().status, 200);
        assert!(began.elapsed() < Duration::from_secs(5), "it waited for them: {:?}", began.elapsed());
    }
    // And they are all gone in the end.
    for mut stream in slow {
        until_closed(&mut stream).await;
    }
}

#[tokio::test]
async fn stopping_lets_a_request_end_that_has_begun_and_takes_no_other() {
    let long = Duration::from_secs(60);
    let limits = || zis::server::HttpLimits { body_timeout: long, idle_timeout: long, ..short_limits() };
    let running = Running::start(|config| config.zone(zone(&["A"])).limits(limits())).await;
    let address = running.server.address();
    let mut begun = connect(address).await;
    let mut quiet = connect(address).await;
    let whole = post("", control("A", "SIF_Ping").as_bytes());
    let (first, second) = whole.split_at(whole.len() - 20);
    begun.write_all(first).await.unwrap();
    quiet.write_all(&post("", b"<a/>")).await.unwrap();
    read(&mut quiet).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let Running { server, folder } = running;
    let stopped = tokio::spawn(async move {
        let began = Instant::now();
        server.stop(long).await;
        began.elapsed()
    });
    sleep(Duration::from_millis(200)).await;
    // It would be kept for a minute.
    until_closed(&mut quiet).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
    begun.write_all(second).await.unwrap();
    let reply = read(&mut begun).await.expect("what has begun is answered");
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert!(stopped.await.unwrap() < Duration::from_secs(30), "and then it has stopped");
    drop(folder);
}
