"""A simulated Qovery: its API for helm deployments, with scenarios, dialects and faults."""

from qovery_sandbox.app import create_app
from qovery_sandbox.deployments import RequestSpec, Versions
from qovery_sandbox.dialect import Dialect
from qovery_sandbox.faults import Faults, Rule, When
from qovery_sandbox.ids import (
    CI_USER,
    COLLEAGUE,
    GIT_HELM_ID,
    HELM_ID,
    ORGANIZATION_ID,
    PRODUCTION_HELM_ID,
    PRODUCTION_ID,
    PROJECT_ID,
    STAGING_ID,
    TOKEN,
)
from qovery_sandbox.ledger import Entry, Ledger
from qovery_sandbox.plans import LogError, LogLine, Plan, Step, deployment
from qovery_sandbox.scenarios import SCENARIOS, Scenario, arrange
from qovery_sandbox.tokens import ApiToken, RateLimit
from qovery_sandbox.transport import SandboxTransport
from qovery_sandbox.world import World

__all__ = [
    "CI_USER",
    "COLLEAGUE",
    "GIT_HELM_ID",
    "HELM_ID",
    "ORGANIZATION_ID",
    "PRODUCTION_HELM_ID",
    "PRODUCTION_ID",
    "PROJECT_ID",
    "SCENARIOS",
    "STAGING_ID",
    "TOKEN",
    "ApiToken",
    "Dialect",
    "Entry",
    "Faults",
    "Ledger",
    "LogError",
    "LogLine",
    "Plan",
    "RateLimit",
    "RequestSpec",
    "Rule",
    "SandboxTransport",
    "Scenario",
    "Step",
    "Versions",
    "When",
    "World",
    "arrange",
    "create_app",
    "deployment",
]
