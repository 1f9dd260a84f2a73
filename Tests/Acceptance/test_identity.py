"""Who somebody is and what they may do: tokens of PyJWT and jwcrypto, ours read by them, forged ones, and the life of a token."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import time

import jwt
import pytest
from client import Client, Refused
from doors import bearer, closed, join, refused
from jwcrypto import jwk, jws
from server import TEST_RECIPES
from tokens import ALGORITHMS, HMACS, SECRET, Keys
from websockets.asyncio.client import connect


def ask(server, path: str, token: str | None = None, method="GET", body=None, **headers):
    import urllib.error
    import urllib.request
    fields = {"Content-Type": "application/json", **headers, **(bearer(token) if token else {})}
    request = urllib.request.Request(
        server.http + path, method=method, headers=fields, data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read() or b"null")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_tokens_of_pyjwt_and_jwcrypto_are_taken_and_ours_are_read_by_them(serve, run, tmp_path, algorithm):
    keys = Keys(algorithm, tmp_path)
    server = serve(arguments=keys.serve)

    async def story():
        for token in (keys.token(), keys.other_token()):
            socket, joined = await join(server.room("kitchen", "chat"), token=token)
            assert joined["type"] == "joined" and joined["you"]["id"] == "ann", joined
            await socket.close()

    run(story())
    made = server.run("token", *keys.sign, "--sub", "bob", "--name", "Bob", "--role", "editor", "--room", "k*=join", "--ttl", "60")
    assert made.returncode == 0 and made.stdout.count("\n") == 1, made
    token = made.stdout.strip()
    claims = jwt.decode(token, keys.public, algorithms=[algorithm])
    assert (claims["sub"], claims["name"], claims["roles"], claims["rooms"]) == ("bob", "Bob", ["editor"], {"k*": ["join"]})
    assert 0 < claims["exp"] - time.time() <= 60
    read = jws.JWS()
    read.deserialize(token)
    read.verify(keys.jwk if algorithm in HMACS else jwk.JWK(**json.loads(keys.jwk.export_public())), alg=algorithm)
    assert json.loads(read.payload) == claims
    assert ask(server, "/rooms/kitchen", token)[0] == 200
    assert token not in server.log()


def test_everything_but_pages_and_health_wants_a_token(serve, run, tmp_path):
    keys = Keys("ES256", tmp_path)
    server = serve(arguments=keys.serve)
    for path in ("/healthz", "/readyz", "/", "/hearth.js", "/r/chat/kitchen", "/assets/chat/page.js"):
        assert server.get(path).status == 200, path
    for method, path in (
        ("GET", "/rooms"), ("POST", "/rooms"), ("GET", "/rooms/kitchen"), ("DELETE", "/rooms/kitchen"), ("GET", "/rooms/kitchen/cells"),
        ("GET", "/rooms/kitchen/commits"), ("POST", "/rooms/kitchen/events"), ("GET", "/recipes"), ("GET", "/recipes/chat"),
        ("GET", "/metrics"), ("GET", "//rooms"), ("GET", "/r%6Foms/kitchen"), ("POST", "/healthz"), ("GET", "/r/../rooms/kitchen"),
    ):
        status, body = ask(server, path, method=method, body={} if method == "POST" else None)
        assert status in (401, 404) and (status == 401 or path.startswith("/r/")), (method, path, status, body)
    token = keys.token(rooms={"mine-*": ["join", "send", "manage"], "theirs": ["join"]})
    new = {"id": "mine-1", "recipe": "counter"}
    assert ask(server, "/rooms", token, "POST", new)[0] == 201
    assert ask(server, "/rooms", token, "POST", {**new, "id": "other"})[0] == 403
    admin = keys.token(sub="root", rooms={"*": "*"})
    for room in ("other", "theirs"):
        assert ask(server, "/rooms", admin, "POST", {"id": room, "recipe": "counter"})[0] == 201
    assert [room["id"] for room in ask(server, "/rooms", token)[1]["rooms"]] == ["mine-1", "theirs"]
    for path in ("/rooms/other", "/rooms/other/cells", "/rooms/other/cells/count", "/rooms/other/commits"):
        status, body = ask(server, path, token)
        assert (status, body["error"]["code"]) == (403, "forbidden"), path
        assert ask(server, path, admin)[0] == 200, path
    event = {"name": "increment"}
    assert ask(server, "/rooms/mine-1/events", token, "POST", event)[0] == 200
    assert ask(server, "/rooms/theirs/events", token, "POST", event)[0] == 403
    assert ask(server, "/rooms/theirs", token, "DELETE")[0] == 403
    assert ask(server, "/rooms/mine-1", token, "DELETE")[0] == 204
    assert ask(server, "/metrics", token)[0] == 403
    assert server_status(server, "/metrics", keys.token(roles=["metrics"])) == 200


def server_status(server, path, token) -> int:
    import urllib.request
    with urllib.request.urlopen(urllib.request.Request(server.http + path, headers=bearer(token)), timeout=10) as answer:
        return answer.status


def test_the_three_ways_to_bring_a_token_and_what_each_refusal_looks_like(serve, run, tmp_path):
    keys = Keys("EdDSA", tmp_path)
    server = serve(arguments=keys.serve)
    good, elsewhere = keys.token(rooms=["kitchen"]), keys.token(rooms=["hall"])
    url = server.room("kitchen", "chat")

    async def story():
        socket, joined = await join(url, headers=bearer(good))
        assert joined["you"]["id"] == "ann"
        await socket.close()
        socket, joined = await join(url, subprotocols=("hearth.v1", f"bearer.{good}"))
        assert joined["you"]["id"] == "ann" and socket.subprotocol == "hearth.v1"
        await socket.close()
        for where in ({"headers": bearer(elsewhere)}, {"subprotocols": ("hearth.v1", f"bearer.{elsewhere}")}):
            status, error = await refused(url, **where)
            assert (status, error["code"]) == (403, "forbidden") and "kitchen" in error["message"]
        status, error = await refused(url, headers=bearer(good[:-4]))
        assert (status, error["code"]) == (401, "unauthenticated")

        for token, code, name in ((elsewhere, 4403, "forbidden"), (good[:-4], 4401, "unauthenticated"), (None, 4401, "unauthenticated")):
            socket, answer = await join(url, **({"token": token} if token else {}))
            assert answer["type"] == "error" and answer["code"] == name and answer["trace"], answer
            assert (await closed(socket))[0] == code
        # Who is nobody learns nothing: a room that is not there looks like one that is, and none is made.
        socket, answer = await join(server.room("secret", "chat"))
        assert answer["code"] == "unauthenticated"

    run(story())
    assert ask(server, "/rooms/secret", keys.token())[0] == 404
    assert not server.log_lines("room created", "room=secret")
    assert server.log_lines("upgrade refused", "forbidden", "kitchen") and server.log_lines("socket closed", "code=4401")


def forged(header: dict, payload: dict, sign=lambda text: b"") -> str:
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
    text = part(header) + b"." + part(payload)
    return (text + b"." + base64.urlsafe_b64encode(sign(text)).rstrip(b"=")).decode()


def test_forged_tokens_get_nobody_in(serve, tmp_path):
    rsa, other = Keys("RS256", tmp_path), Keys("RS256", tmp_path, "other")
    server = serve(arguments=("--auth-key", str(rsa.public_path)))
    claims = {"sub": "ann", "rooms": ["*"], "exp": int(time.time()) + 600}
    assert ask(server, "/rooms", rsa.token())[0] == 200

    def code(text):
        return hmac.new(rsa.public_pem, text, hashlib.sha256).digest()

    evil = json.loads(other.jwk.export_public())
    attempts = [
        *(forged({"alg": alg}, claims) for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "RS256", "PS256", "ES256", "EdDSA")),
        *(forged({"alg": alg}, claims, code) for alg in ("HS256", "RS256", "none")),
        forged({"alg": "ES256"}, claims, lambda _: bytes(64)), forged({"alg": "PS256"}, claims, lambda _: bytes(256)),
        other.token(), other.token(head={"jwk": evil}), other.token(head={"kid": "../../../../dev/null"}),
        other.token(head={"jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/cert"}),
        rsa.token(ttl=-60), rsa.token(nbf=time.time() + 60), rsa.token(iat=time.time() + 60), rsa.token(sub=""), rsa.token(aud="others"),
        rsa.token()[:-1], rsa.token() + "=", rsa.token() + "A", "x" * 9_000, "a.b.c.d.e", rsa.token(x="y" * 9_000),
    ]
    for token in attempts:
        status, body = ask(server, "/rooms", token)
        assert (status, body["error"]["code"]) == (401, "unauthenticated"), token[:200]
    assert ask(server, "/rooms", "")[0] == 401
    assert server.get("/healthz").status == 200


def test_what_a_token_allows_is_what_happens(serve, run, tmp_path):
    keys = Keys("HS256", tmp_path)
    server = serve(arguments=keys.serve)

    async def story():
        writer = await Client(server.room("c", "counter"), token=keys.token(rooms={"c": ["join", "send:increment"]})).enter()
        assert (await writer.send("increment"))["seq"] >= 1
        with pytest.raises(Refused) as caught:
            await writer.send("reset")
        assert caught.value.code == "forbidden" and "send:reset" in str(caught.value.message)
        # The refusal used up its id, and the next event runs.
        assert (await writer.send("increment"))["seq"] >= 2
        # A fresh token with fewer rights counts from the next event on.
        await writer.post({"type": "auth", "token": keys.token(rooms={"c": ["join"]})})
        await writer.until(lambda: any("id" not in m for m in writer.of("ack")))
        with pytest.raises(Refused):
            await writer.send("increment")
        await writer.post({"type": "auth", "token": keys.token(rooms={"c": ["send"]})})
        await writer.until(lambda: writer.closed)
        assert writer.closed[0] == 4403

    run(story())


def test_a_token_runs_out_with_a_warning_unless_a_fresh_one_comes(serve, run, tmp_path):
    keys = Keys("EdDSA", tmp_path)
    server = serve(arguments=(*keys.serve, "--auth-leeway", "0"))

    async def story():
        stale, _ = await join(server.room("kitchen", "chat"), token=keys.token(ttl=4))
        fresh, _ = await join(server.room("kitchen", "chat"), token=keys.token(sub="bob", ttl=4))
        thief, _ = await join(server.room("kitchen", "chat"), token=keys.token(sub="eve", ttl=60))
        await fresh.send(json.dumps({"type": "auth", "token": keys.token(sub="bob", ttl=60)}))
        await thief.send(json.dumps({"type": "auth", "token": keys.token(sub="ann")}))
        code, messages = await closed(thief)
        assert code == 4403 and messages[-1]["code"] == "forbidden"
        begun = time.monotonic()
        code, messages = await closed(stale)
        assert code == 4401 and 2 < time.monotonic() - begun < 6
        warning = next(m for m in messages if m.get("code") == "token_expiring")
        assert 0 < warning["details"]["expires_in_ms"] <= 4_000 and warning["retryable"] and warning["trace"]
        assert messages[-1]["code"] == "unauthenticated"
        await fresh.send(json.dumps({"type": "ping"}))
        heard = [json.loads(await fresh.recv())]
        while heard[-1]["type"] != "pong":
            heard.append(json.loads(await fresh.recv()))
        assert {"type": "ack"} in heard and not any(m.get("code") == "token_expiring" for m in heard)
        await fresh.close()

    run(story())


def test_a_session_belongs_to_its_user(serve, run, tmp_path):
    keys = Keys("ES256", tmp_path)
    server = serve(arguments=keys.serve)
    url = server.room("kitchen", "chat")

    async def story():
        socket, joined = await join(url, token=keys.token())
        await socket.close()
        known = {"resume": joined["resume"], "since": joined["seq"], "epoch": joined["epoch"]}
        thief, answer = await join(url, token=keys.token(sub="eve"), **known)
        assert answer["code"] == "forbidden" and (await closed(thief))[0] == 4403
        nobody, answer = await join(url, **known)
        assert answer["code"] == "unauthenticated" and (await closed(nobody))[0] == 4401
        again, answer = await join(url, token=keys.token(roles=["editor"]), **known)
        assert answer["resumed"] and answer["session"] == joined["session"] and answer["you"]["roles"] == ["editor"]
        await again.close()

    run(story())


def test_a_set_of_keys_is_read_again_and_a_key_that_was_taken_back_is_worth_nothing(serve, run, tmp_path):
    one, two = Keys("ES256", tmp_path, "one"), Keys("RS256", tmp_path, "two")
    versions = tmp_path / "v1", tmp_path / "v2"
    path = tmp_path / "current" / "jwks.json"

    def publish(folder, *keys):
        folder.mkdir(exist_ok=True)
        (folder / "jwks.json").write_text(json.dumps({"keys": [key.public_jwk(key.private_path.stem) for key in keys]}))
        os.symlink(folder, tmp_path / "next")
        os.replace(tmp_path / "next", tmp_path / "current")

    publish(versions[0], one, two)
    server = serve(arguments=("--auth-jwks", str(path)))
    first = one.token(head={"kid": "one"})
    assert ask(server, "/rooms", first)[0] == 200 and ask(server, "/rooms", two.token(head={"kid": "two"}))[0] == 200
    assert ask(server, "/rooms", two.token(head={"kid": "one"}))[0] == 401

    async def story():
        client = await Client(server.room("c", "counter"), token=first).enter()
        await client.send("increment")
        path.write_text("{ broken")
        server.process.send_signal(1)
        while not server.log_lines("keys for tokens not read"):
            await asyncio.sleep(0.05)
        await client.send("increment")
        publish(versions[1], two)
        while ask(server, "/rooms", first)[0] == 200:
            await asyncio.sleep(0.1)
        await client.start("increment")
        await client.until(lambda: client.closed)
        assert client.closed[0] == 4401

    run(story())
    assert ask(server, "/rooms", two.token(head={"kid": "two"}))[0] == 200
    assert ask(server, "/rooms/c/cells", two.token(head={"kid": "two"}))[1]["cells"] == {"count": 2}


def test_a_server_does_not_start_without_a_sound_key(serve, tmp_path):
    keys = Keys("RS256", tmp_path)
    short = tmp_path / "short"
    short.write_text("too short")
    server = serve()
    for arguments, word in (
        (("--auth",), "--auth-key"), (("--auth-secret-file", str(short)), "32"), (("--auth-key", str(tmp_path / "none")), "none"),
        (("--auth-key", str(keys.private_path)), "private"), (("--auth-secret-file", str(keys.public_path)), "--auth-key"),
        (("--auth-key", str(keys.public_path), "--auth-alg", "HS256"), "HS256"), (("--auth-alg", "none"), "none"),
        (("--auth-jwks", str(short)), "JSON"), (("--tls-cert", str(short)), "--tls-key"), (("--allow-origin", "example.org"), "origin"),
    ):
        ran = server.run("serve", str(TEST_RECIPES), "--data", str(tmp_path / "d"), "--port", "0", *arguments)
        assert ran.returncode != 0 and word in ran.stderr and ran.stderr.count("\n") == 1, (arguments, ran.stderr)


def test_a_pair_of_keys_made_by_the_command(serve, tmp_path):
    path = tmp_path / "new.pem"
    server = serve()
    for algorithm in ("RS256", "PS256", "ES256", "EdDSA"):
        path.unlink(missing_ok=True)
        (tmp_path / "new.pem.pub").unlink(missing_ok=True)
        assert server.run("token", "new-key", str(path), "--alg", algorithm).returncode == 0
        assert path.stat().st_mode & 0o077 == 0
        token = server.run("token", "--key", str(path), "--sub", "ann", "--alg", algorithm).stdout.strip()
        assert jwt.decode(token, (tmp_path / "new.pem.pub").read_bytes(), algorithms=[algorithm])["sub"] == "ann"
    again = server.run("token", "new-key", str(path))
    assert again.returncode != 0 and "exists" in again.stderr


def test_a_secret_may_come_from_the_environment(serve, run, tmp_path, monkeypatch):
    monkeypatch.setenv("HEARTH_AUTH_SECRET", SECRET.decode())
    server = serve()
    assert ask(server, "/rooms")[0] == 401
    assert ask(server, "/rooms", Keys("HS256", tmp_path).token())[0] == 200


def test_foreign_pages_are_told_why_they_stay_out(serve, run):
    server = serve(arguments=("--allow-origin", "https://app.example"))
    url = server.room("kitchen", "chat")

    async def story():
        for origin in (server.http, server.http.replace("http", "https"), "https://app.example", "https://APP.example:443"):
            socket = await connect(url, origin=origin, proxy=None)
            await socket.close()
        for origin in ("https://evil.example", "null", "http://app.example", "http://127.0.0.1:1", "http://127.0.0.1"):
            status, error = await refused(url, headers={"Origin": origin})
            assert (status, error["code"]) == (403, "origin_not_allowed")
            assert origin in error["message"] and "--allow-origin" in error["message"]
            assert server.log_lines("upgrade refused", "origin_not_allowed", origin)

    run(story())
    new = {"id": "x", "recipe": "chat"}
    status, body = ask(server, "/rooms", method="POST", body=new, Origin="https://evil.example")
    assert (status, body["error"]["code"]) == (403, "origin_not_allowed")
    assert ask(server, "/rooms", method="POST", body=new, Origin="https://app.example")[0] == 201
