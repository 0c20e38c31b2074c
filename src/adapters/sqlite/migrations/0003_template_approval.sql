-- Who approved which version of the letter. A live site mints only for a version that somebody approved.

CREATE TABLE template_approval (
    id           INTEGER PRIMARY KEY,
    version      TEXT NOT NULL CHECK (length(version) = 64),     -- SHA-256 of all that makes letters look as they do
    approved_by  TEXT NOT NULL CHECK (trim(approved_by) <> ''),
    reason       TEXT,
    approved_at  TEXT NOT NULL,
    UNIQUE (version, approved_by)
) STRICT;

-- What the version was made of, so that the next approval can say what changed.
CREATE TABLE template_approval_part (
    approval_id  INTEGER NOT NULL REFERENCES template_approval (id),
    name         TEXT NOT NULL,
    sha256       TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (approval_id, name)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER template_approval_is_never_changed BEFORE UPDATE ON template_approval
BEGIN SELECT RAISE(ABORT, 'an approval is never changed'); END;
CREATE TRIGGER template_approval_is_never_deleted BEFORE DELETE ON template_approval
BEGIN SELECT RAISE(ABORT, 'an approval is never deleted'); END;
CREATE TRIGGER template_approval_part_is_never_changed BEFORE UPDATE ON template_approval_part
BEGIN SELECT RAISE(ABORT, 'an approval is never changed'); END;
CREATE TRIGGER template_approval_part_is_never_deleted BEFORE DELETE ON template_approval_part
BEGIN SELECT RAISE(ABORT, 'an approval is never deleted'); END;
