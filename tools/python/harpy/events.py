"""The events of sessions in asyncio."""

import asyncio


async def events_of(session):
    """Yields the events of a session until the last one; other tasks run meanwhile."""
    loop = asyncio.get_running_loop()
    while not session.ended:
        event = session.poll()
        if event is not None:
            yield event
        elif not session.ended:
            await _until_readable(loop, session.fileno())


async def _until_readable(loop, descriptor):
    ready = loop.create_future()
    loop.add_reader(descriptor, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
