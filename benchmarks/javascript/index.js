// The least that an action in JavaScript does before its first request: inputs, the token masked, a call by fetch.
import * as core from "@actions/core";

const token = core.getInput("token", { required: true });
core.setSecret(token);
const service = core.getInput("helm_id", { required: true });
const response = await fetch(`${core.getInput("api_url")}/helm/${service}`, {
  headers: { Authorization: `Token ${token}`, Accept: "application/json" },
});
core.setOutput("outcome", (await response.json()).id ? "succeeded" : "failed");
