"""How often one address has sent the form lately."""

from django.db import models


class PostCount(models.Model):
    """The posts of one address since `since`. The key is a hash that tells nothing and lasts a day."""

    key = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()
    posts = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["since"], name="post_count_by_age")]  # the old ones are deleted

    def __str__(self) -> str:
        return f"{self.posts} posts"
