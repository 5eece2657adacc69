package dev.tenon.text.normalize;

import dev.tenon.text.stage.AlignedText;
import dev.tenon.text.stage.Changes;
import dev.tenon.text.stage.TextNormalizer;
import dev.tenon.text.unicode.Graphemes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The normalizer of SentencePiece: a table of replacements, compiled to a double array of the bytes that are replaced, and
 * the texts that replace them. Immutable.
 *
 * <p>A grapheme cluster of less than six bytes is replaced as a whole, by the replacement of its shortest beginning that
 * the table has. Otherwise each of its code points is replaced. SentencePiece itself does so no more, but models were
 * trained with what this does.
 */
public final class Charsmap implements TextNormalizer {
    private static final int MOST_BYTES = 5;
    private static final int INSIDE = -1;
    private static final int[] NOTHING = {};

    private final int[] units;
    /** The code points of all texts, with a zero after each. */
    private final int[] texts;

    /** The index of the code point that begins at a byte of the texts; {@link #INSIDE} in the middle of one. */
    private final int[] starts;

    private Charsmap(int[] units, int[] texts, int[] starts) {
        this.units = units;
        this.texts = texts;
        this.starts = starts;
    }

    /**
     * Reads a table.
     *
     * @param bytes the size of the double array in bytes, the array in 32-bit units, and texts with a zero after each
     * @return the normalizer
     * @throws IllegalArgumentException if the bytes are no table; the message says what is wrong
     */
    public static Charsmap of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long size = bytes.length < 4 ? -1 : Integer.toUnsignedLong(in.getInt());
        if (size < 4 || size > in.remaining()) {
            throw new IllegalArgumentException("a double array of " + size + " bytes in a table of " + bytes.length);
        }
        int[] units = new int[(int) (size / 4)];
        for (int i = 0; i < units.length; i++) {
            units[i] = in.getInt();
        }
        byte[] texts = new byte[in.remaining()];
        in.get(texts);
        return new Charsmap(units, decoded(texts), starts(texts));
    }

    private static int[] decoded(byte[] texts) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(texts))
                    .codePoints()
                    .toArray();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a replacement that is not UTF-8", e);
        }
    }

    private static int[] starts(byte[] texts) {
        int[] starts = new int[texts.length];
        int count = 0;
        for (int i = 0; i < texts.length; i++) {
            starts[i] = (texts[i] & 0xC0) == 0x80 ? INSIDE : count++;
        }
        return starts;
    }

    // A value may begin in the middle of a text. A unit that no character leads to may look like a value.
    private int[] textAt(int value) {
        if (value >= starts.length || starts[value] == INSIDE) {
            return NOTHING;
        }
        int to = starts[value];
        while (to < texts.length && texts[to] != 0) {
            to++;
        }
        return Arrays.copyOfRange(texts, starts[value], to);
    }

    private static boolean hasLeaf(int unit) {
        return (unit >>> 8 & 1) != 0;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    private static int label(int unit) {
        return unit & (1 << 31 | 0xFF);
    }

    @Override
    public void normalize(AlignedText text) {
        int[] all = text.codePoints();
        int length = text.length();
        Changes out = text.changes();
        boolean changed = false;
        Graphemes graphemes = new Graphemes(all, length);
        int from = 0;
        for (int to = graphemes.next(); to >= 0; to = graphemes.next()) {
            int[] whole = bytes(all, from, to) <= MOST_BYTES ? replacement(all, from, to) : null;
            if (whole != null) {
                changed = true;
                add(out, to - from, whole);
            } else {
                for (int i = from; i < to; i++) {
                    int[] one =
                            to - from == 1 && bytes(all, i, i + 1) <= MOST_BYTES ? null : replacement(all, i, i + 1);
                    changed |= one != null;
                    if (one == null) {
                        out.add(all[i], 0);
                    } else {
                        add(out, 1, one);
                    }
                }
            }
            from = to;
        }
        if (changed) {
            text.transform(out);
        }
    }

    // The last new code points are added to the last old one; of old ones without a new one, the last new one drops
    // them.
    private static void add(Changes out, int old, int[] made) {
        for (int i = 0; i < made.length; i++) {
            out.add(made[i], i < old ? 0 : 1);
        }
        int last = out.size() - 1;
        if (made.length < old && last >= 0) {
            out.setChange(last, out.change(last) + made.length - old);
        }
    }

    private static int bytes(int[] text, int from, int to) {
        int count = 0;
        for (int i = from; i < to && count <= MOST_BYTES; i++) {
            count += text[i] < 0x80 ? 1 : text[i] < 0x800 ? 2 : text[i] < 0x10000 ? 3 : 4;
        }
        return count;
    }

    /** The replacement of the shortest beginning of a range that has one; null if none has. */
    private int[] replacement(int[] text, int from, int to) {
        int at = offset(units[0]);
        for (int i = from; i < to; i++) {
            int c = text[i];
            int count = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            for (int j = 0; j < count; j++) {
                int b = utf8(c, count, j);
                at ^= b;
                if (b == 0 || at < 0 || at >= units.length || label(units[at]) != b) {
                    return null;
                }
                boolean leaf = hasLeaf(units[at]);
                at ^= offset(units[at]);
                if (leaf) {
                    return at < 0 || at >= units.length ? null : textAt(units[at] & Integer.MAX_VALUE);
                }
            }
        }
        return null;
    }

    private static int utf8(int c, int count, int index) {
        if (count == 1) {
            return c;
        }
        int bits = c >>> 6 * (count - 1 - index);
        return index == 0 ? bits | 0xF00 >>> count & 0xFF : bits & 0x3F | 0x80;
    }
}
