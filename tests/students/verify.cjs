// Check a token with jose, whose file is named by the first argument: keys and token in, claims out, as JSON.
const { createLocalJWKSet, jwtVerify } = require(process.argv[2])

const { keys, token, issuer } = JSON.parse(require("node:fs").readFileSync(0, "utf8"))
jwtVerify(token, createLocalJWKSet({ keys }), { issuer, algorithms: ["RS256"], typ: "JWT" }).then(
  ({ payload }) => console.log(JSON.stringify(payload)),
  (refusal) => { console.error(refusal.code); process.exit(1) },
)
