"""A mail server for tests: keeps what it takes as files, and refuses, is slow, or breaks off as its plan says.

The plan is JSON, the one argument:
  folder   where messages go: 1.eml with its content decoded in 1.json, 2.eml …; and commands.txt, ca.pem
  tls      "none", "starttls" or "from_start", with a certificate for `host`
  login    [user, password] that it wants
  answers  [{"at": "MAIL", "about": text, "times": n, "say": "451 …"}]: what it says to the first n commands that are about this,
           for ever where n is null; "at" is MAIL, RCPT or DATA, and to say "" is to break off
  slow     {"at": "DATA", "seconds": n}
  utf8     whether it takes addresses beyond ASCII

It prints its port on 127.0.0.1, and ends with its standard input.
"""

import asyncio
import email
import email.policy
import json
import logging
import os
import pathlib
import ssl
import sys
import threading
import warnings

import aiosmtpd.smtp
import trustme

# Logins without TLS and handshakes that fail are what is tested.
logging.disable()
warnings.simplefilter("ignore")

plan = json.loads(sys.argv[1])
folder = pathlib.Path(plan["folder"])


def note(line):
    with open(folder / "commands.txt", "a", encoding="utf-8") as file:
        file.write(line + "\n")


def is_secure(server):
    return server.transport.get_extra_info("ssl_object") is not None


def decoded(content):
    """A message as a program for mail shows it, read by Python's own parser."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(("plain",))
    return {
        "headers": {name.lower(): str(value) for name, value in message.items()},
        "text": body.get_content().replace("\r\n", "\n"),
        "attachments": [
            {"name": part.get_filename(), "type": part.get_content_type(), "hex": part.get_payload(decode=True).hex()}
            for part in message.iter_attachments()
        ],
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
        "longest_line": max(len(line) for line in content.split(b"\r\n")),
        "ascii": content.isascii(),
    }


class Desk:
    def __init__(self):
        self.taken = 0

    async def answer(self, server, at, about):
        note(f"{at} {about} tls={is_secure(server)}")
        slow = plan.get("slow")
        if slow and slow["at"] == at:
            await asyncio.sleep(slow["seconds"])
        for answer in plan.get("answers", []):
            if answer["at"] == at and answer.get("about", "") in about and answer.get("times") != 0:
                if answer.get("times") is not None:
                    answer["times"] -= 1
                if answer["say"] == "":
                    server.transport.abort()
                return answer["say"]
        return None

    async def handle_MAIL(self, server, session, envelope, address, options):
        refusal = await self.answer(server, "MAIL", address)
        envelope.mail_from = address
        return refusal or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = await self.answer(server, "RCPT", address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = await self.answer(server, "DATA", " ".join(envelope.rcpt_tos))
        if refusal is not None and refusal != "":
            return refusal
        self.taken += 1
        signed_in = session.auth_data.login.decode() if session.authenticated else None
        facts = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": is_secure(server), "login": signed_in}
        (folder / f"{self.taken}.eml").write_bytes(envelope.content)
        (folder / f"{self.taken}.json").write_text(json.dumps(facts | decoded(envelope.content)), encoding="utf-8")
        return "250 OK"


def knows(server, session, envelope, mechanism, data):
    known = [data.login.decode(), data.password.decode()] == plan["login"]
    note(f"AUTH {mechanism} tls={is_secure(server)}")
    if known:
        return aiosmtpd.smtp.AuthResult(success=True, auth_data=data)
    # As servers do that are no help to anyone, it repeats what it was given.
    return aiosmtpd.smtp.AuthResult(success=False, handled=False, message=f"535 5.7.8 {data.password.decode()} is wrong")


async def serve():
    context = None
    if plan.get("tls", "none") != "none":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(plan.get("host", "localhost")).configure_cert(context)
    login = plan.get("login")
    desk = Desk()

    def conversation():
        return aiosmtpd.smtp.SMTP(
            desk,
            hostname="mail.test",
            tls_context=context if plan.get("tls") == "starttls" else None,
            require_starttls=plan.get("tls") == "starttls" and plan.get("insists", False),
            enable_SMTPUTF8=plan.get("utf8", False),
            auth_required=login is not None,
            auth_require_tls=False,
            authenticator=knows if login else None,
        )

    loop = asyncio.get_running_loop()
    wrapped = context if plan.get("tls") == "from_start" else None
    server = await loop.create_server(conversation, "127.0.0.1", 0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_standard_input, daemon=True).start()
asyncio.run(serve())
