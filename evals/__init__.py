"""Evaluation: suites of questions, their grading, and the auditor that trusts no answer."""
