"""The merge engines that travel inside `apply.sh`: one small algorithm in several languages, the same answer from each.

    merge.py     python3, and the reference that the tests import
    merge.js     node, and `osascript -l JavaScript` on macOS
    merge.jq     jq 1.5 and newer
    merge.pl     perl 5.8 and newer

An engine reads a request, prints an answer, and touches no file. The request has three parts, separated by U+001E: the
orders, the record of an earlier run (may be empty), the document. Record and document come masked (`portal.scripts.
masking` says how), so that every engine sees ASCII and a position is a byte's position in the file.

    apply | undo                      what to do; in an undo the record is the only source of orders
    created absent|empty|no           what the file was before the first run (kept in the record)
    set SECTION NAME VALUE            VALUE is JSON text; SECTION `.` is the top level
    drop SECTION NAME
    look SECTION NAME                 answers where the value is

The answer never contains the document: it says which bytes to copy from where, so that what is not touched keeps its
bytes whatever the engine is.

    portal-merge 1
    invalid POSITION                  the document is not JSON; nothing else follows
    shape POSITION root|SECTION       not an object; nothing else follows
    created absent|empty|no
    found SECTION NAME PIECE
    change add|replace|remove|left SECTION NAME OLD NEW     OLD and NEW: a piece, or `-`
    bare                              after this undo the document has no member left
    same                              nothing to change; no parts follow
    document, record                  followed by the pieces of the new text
    end                               always the last line

A piece is `T TEXT` (this text), `L` (a line break), `C` (a carriage return and a line break), `D A B` or `R A B` (the
bytes from A to B of the old document or record).
"""
