"""The study's 18 cases in Python, to be compared with: the same jobs from the same origin.

Each is written as one would write it today: requests for blocking calls, httpx for awaited ones,
the standard library for all else. A process runs one case and prints what it cost.
"""
