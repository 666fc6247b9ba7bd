from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in as this installation wants it: people are invited, nobody signs up."""

    def is_open_for_signup(self, request) -> bool:
        return False
