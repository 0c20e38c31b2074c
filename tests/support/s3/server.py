"""An S3 server for the tests: Moto, which speaks the protocol and asks for signatures and rights as Amazon's does.

Prints its port, the key of an account that may use the buckets whose names begin with "letters", and its secret. Then it takes
a command a line, answers each with a line, and ends when its standard input ends:

  bucket NAME                    makes a bucket
  many NAME PREFIX COUNT         puts COUNT small objects into it: PREFIX000001 and so on
  keys NAME                      the keys in it, as JSON
  spoil NAME KEY                 turns the last bit of an object
"""

import json
import logging
import sys

from moto import settings
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import S3IAMRequest
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
logging.getLogger("werkzeug").setLevel(logging.ERROR)

# Moto checks a signature against the query with its slashes decoded, and clients sign it as it is sent.
create_request = S3IAMRequest._create_aws_request


def create_request_as_sent(self):
    path, mark, query = self._path.partition("?")
    self._path = path + mark + query.replace("/", "%2F")
    return create_request(self)


S3IAMRequest._create_aws_request = create_request_as_sent

MAY_USE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
            "Resource": ["arn:aws:s3:::letters*"],
        }
    ],
}

iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
s3 = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]


def account():
    iam.create_user("us-east-1", "letterpost")
    iam.put_user_policy("letterpost", "spool", json.dumps(MAY_USE))
    key = iam.create_access_key("letterpost")
    return key.access_key_id, key.secret_access_key


def obey(word, *rest):
    if word == "bucket":
        s3.create_bucket(rest[0], "us-east-1")
    elif word == "many":
        bucket, prefix, count = rest
        for number in range(1, int(count) + 1):
            s3.put_object(bucket, f"{prefix}{number:06}", b"x")
    elif word == "keys":
        return json.dumps(sorted(s3.get_bucket(rest[0]).keys.keys()))
    elif word == "spoil":
        kept = s3.get_object(*rest)
        value = bytearray(kept.value)
        value[-1] ^= 1
        s3.put_object(*rest, bytes(value))
    else:
        raise SystemExit(f"unknown command {word}")
    return "done"


server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
print(port, *account(), flush=True)
for line in sys.stdin:
    print(obey(*line.split()), flush=True)
server.stop()
