package dev.tenon.formats;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Tells files that stand in the place of a file that was not fetched: pointers of Git LFS, HTML pages, and empty files. */
public final class Placeholders {
    private static final String LFS_POINTER = "version https://git-lfs.github.com/spec/";
    private static final int HEAD_BYTES = 64;

    private Placeholders() {}

    /**
     * Refuses a file that stands in the place of another one.
     *
     * @param thing how messages name the file
     * @param file its bytes, or the first of them
     * @param wanted the file that was expected: {@code a tokenizer.json}
     * @throws MalformedModelException if it is empty, a pointer of Git LFS or an HTML page
     */
    public static void refuse(String thing, MemorySegment file, String wanted) {
        if (file.byteSize() == 0) {
            throw new MalformedModelException(thing, "an empty file", wanted, "download or copy the file again");
        }
        refusePages(thing, file, wanted);
    }

    /**
     * Refuses a file that stands in the place of another one, which may be empty.
     *
     * @param thing how messages name the file
     * @param file its bytes, or the first of them
     * @param wanted the file that was expected
     * @throws MalformedModelException if it is a pointer of Git LFS or an HTML page
     */
    static void refusePages(String thing, MemorySegment file, String wanted) {
        byte[] first = file.asSlice(0, Math.min(HEAD_BYTES, file.byteSize())).toArray(ValueLayout.JAVA_BYTE);
        String head = new String(first, StandardCharsets.ISO_8859_1);
        if (head.startsWith(LFS_POINTER)) {
            throw new MalformedModelException(
                    thing,
                    "a pointer of Git LFS, not the file that it points to",
                    wanted,
                    "run 'git lfs pull' in the repository that it is from");
        }
        String text = head.strip().toLowerCase(Locale.ROOT);
        if (text.startsWith("<!doctype html") || text.startsWith("<html")) {
            throw new MalformedModelException(
                    thing,
                    "an HTML page: a download gave a page about the file, or an error",
                    wanted,
                    "use the address of the file itself, such as /resolve/ and not /blob/ at Hugging Face, and log in if it asks");
        }
    }
}
