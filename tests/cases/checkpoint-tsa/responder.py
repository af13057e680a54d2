# SPDX-License-Identifier: Apache-2.0
# A time-stamp authority over HTTP in a few lines: openssl ts makes the replies.
import http.server, subprocess, sys

class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        open("query.tsq", "wb").write(query)
        if self.path == "/other":  # a reply to another question
            query = open("first.tsq", "rb").read()
            open("query.tsq", "wb").write(query)
        subprocess.run(["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq",
                        "-out", "reply.tsr"], check=True, stderr=subprocess.DEVNULL)
        if self.path == "/":
            open("first.tsq", "wb").write(query)
        reply = open("reply.tsr", "rb").read()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *words):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Authority)
print(server.server_port, flush=True)
server.serve_forever()
