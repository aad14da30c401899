"""The knowledge base: what the center says, how it is published, and how it reaches the search index."""
