"""Which pictures a page needs, fetched at once: one query however many there are, none for none."""

from collections.abc import Iterable, Sequence

from pages.body import hashes_of_pictures
from pages.models import Described, PictureFile

type Pictures = dict[str, Sequence[PictureFile]]  # by the hash that the body names, all files of a picture


def shown_pictures(body: str = "", people: Iterable[Described] = ()) -> Pictures:
    """What `body.render` is given: for each picture in `body` that there is, all of its files, under
    the hash by which the body names it. Each of `people` is given its `portrait_files`."""
    people = list(people)
    hashes = hashes_of_pictures(body)
    portraits = {person.portrait_id for person in people if person.portrait_id}
    found = PictureFile.objects.to_show(hashes=hashes, pictures=portraits).by_picture()
    for person in people:
        person.portrait_files = found.get(person.portrait_id or 0, ())
    return {file.hash: files for files in found.values() for file in files if file.hash in hashes}
