"""Mends, how to undo each, and a run that then breaks a law.

Each undoes one of the rules that keep what was said; the rule's number is that of the
list in CONTRIBUTING (Failures and recovery).
"""
