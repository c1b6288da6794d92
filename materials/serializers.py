"""Published entries as JSON."""

from typing import Any

from rest_framework import serializers

from materials.enums import Licence
from materials.models import MaterialVersion
from techvet.origin import address


class EntrySerializer(serializers.ModelSerializer[MaterialVersion]):
    """An entry in a list; never anything of a draft."""

    slug = serializers.CharField(source="material.slug")
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="number")
    author = serializers.CharField(source="material.author.name")
    organisation = serializers.CharField(source="material.organisation.display_name")
    licence_url = serializers.SerializerMethodField()

    class Meta:
        model = MaterialVersion
        fields = (
            *("slug", "url", "title", "summary", "kind", "language", "audiences", "theme"),
            *("phases", "questions", "minutes", "criteria", "licence", "licence_url"),
            *("author", "organisation", "version", "published_at"),
        )
        read_only_fields = fields

    def get_url(self, entry: MaterialVersion) -> str:
        return address("material_show", entry.material.slug)

    def get_licence_url(self, entry: MaterialVersion) -> str:
        return Licence(entry.licence).url


class WholeEntrySerializer(EntrySerializer):
    """One entry with its text in Markdown and its files."""

    text = serializers.CharField(source="body")
    attachments = serializers.SerializerMethodField()

    class Meta(EntrySerializer.Meta):
        fields = (*EntrySerializer.Meta.fields, "text", "attachments")
        read_only_fields = fields

    def get_attachments(self, entry: MaterialVersion) -> list[dict[str, Any]]:
        return [
            {
                "name": attachment.original_name,
                "type": attachment.content_type,
                "size": attachment.size,
                "sha256": attachment.sha256,
                "description": attachment.description,
                "url": address("attachment_show", attachment.public_id),
            }
            for attachment in entry.attachments.all()
        ]
