"""What the end-to-end tests, the demo and the benchmark share: PostgreSQL clusters, certificates,
the sample trace store and the gateway as processes of their own. Standard library only."""
