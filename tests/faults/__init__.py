"""What happens when a part is away, with real servers and real processes of `portal serve`."""
