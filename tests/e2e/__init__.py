"""The whole action: action.yml's own step, on the sandbox, over real HTTP and real process boundaries."""
