"""A Qovery to run against: the API calls of a helm deployment, with scenarios, dialects and faults."""

from qovery_sandbox.app import create_app
from qovery_sandbox.deployments import Order, Versions
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
from qovery_sandbox.tokens import Grant, RateLimit
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
    "Dialect",
    "Entry",
    "Faults",
    "Grant",
    "Ledger",
    "LogError",
    "LogLine",
    "Order",
    "Plan",
    "RateLimit",
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
