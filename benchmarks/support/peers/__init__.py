"""The queues that are measured side by side: each folder holds one, with its configuration and its no-op job."""
