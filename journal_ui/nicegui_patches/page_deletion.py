"""Deletion of an open page by the program.

NiceGUI schedules the deletion of a page when its socket closes, and deletes it even if the program has deleted it
meanwhile. The second deletion raises KeyError, and the clean-up after it (the storage of the tab) is skipped. NiceGUI
has no public function that cancels a scheduled deletion.
"""

from nicegui import Client


def delete_page(client: Client) -> None:
    """Cancel the scheduled deletion of a page and delete it now; do nothing if the page is deleted already."""
    if client.id not in Client.instances:
        return
    for document_id in tuple(client._delete_tasks):
        client._cancel_delete_task(document_id)
    client.delete()
