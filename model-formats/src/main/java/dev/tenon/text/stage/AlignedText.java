package dev.tenon.text.stage;

import dev.tenon.error.ResourceLimitException;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * A text that changes, and for each of its code points the range of the original text that it came from. Texts are arrays
 * of code points; ranges are indices of code points of the original text.
 *
 * <p>Whoever changes the text keeps the ranges as Hugging Face's {@code tokenizers} does, because offsets of tokens are
 * compared with its offsets. For one thread at a time.
 */
public final class AlignedText {
    private static final int FIRST_CAPACITY = 64;
    private static final int EXPANSION = 16;
    private static final int FREE_LENGTH = 1 << 16;
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private final int limit;
    private int[] text = new int[FIRST_CAPACITY];
    private int[] from = new int[FIRST_CAPACITY];
    private int[] to = new int[FIRST_CAPACITY];
    private int length;
    private int shift;
    private final Spans spans = new Spans();

    private int[] oldText = new int[FIRST_CAPACITY];
    private int[] oldFrom = new int[FIRST_CAPACITY];
    private int[] oldTo = new int[FIRST_CAPACITY];

    /**
     * Makes an empty text.
     *
     * @param limit the most code points that it may have
     */
    public AlignedText(int limit) {
        this.limit = limit;
    }

    /**
     * The most code points that normalization may make of a text: some times as many, and enough for any short text.
     *
     * @param units the length of the text in code units
     * @return the limit
     */
    public static int limit(int units) {
        return (int) Math.min((long) EXPANSION * units + FREE_LENGTH, MAX_LENGTH);
    }

    /**
     * The original text as it is. An unpaired surrogate counts as U+FFFD.
     *
     * @param original the original text
     * @return its code points, each of which came from itself
     */
    public static AlignedText of(String original) {
        return of(original, limit(original.length()));
    }

    /**
     * The original text as it is. An unpaired surrogate counts as U+FFFD.
     *
     * @param original the original text
     * @param limit the most code points that it may become
     * @return its code points, each of which came from itself
     * @throws ResourceLimitException if it has more code units than the limit
     */
    public static AlignedText of(String original, int limit) {
        AlignedText made = new AlignedText(limit);
        made.reserve(original.length());
        int count = 0;
        for (int i = 0; i < original.length(); count++) {
            char unit = original.charAt(i++);
            int c = unit;
            if (Character.isSurrogate(unit)) {
                c = '\uFFFD';
                if (Character.isHighSurrogate(unit)
                        && i < original.length()
                        && Character.isLowSurrogate(original.charAt(i))) {
                    c = Character.toCodePoint(unit, original.charAt(i++));
                }
            }
            made.text[count] = c;
            made.from[count] = count;
            made.to[count] = count + 1;
        }
        made.length = count;
        return made;
    }

    /** {@return the number of code points} */
    public int length() {
        return length;
    }

    /** {@return the array whose first {@link #length()} elements are the code points, until the next change} */
    public int[] codePoints() {
        return text;
    }

    /**
     * Where a code point came from.
     *
     * @param index the index of the code point
     * @return the index of the first code point of the original text
     */
    public int from(int index) {
        return from[index];
    }

    /**
     * Where a code point came from.
     *
     * @param index the index of the code point
     * @return the index after the last code point of the original text
     */
    public int to(int index) {
        return to[index];
    }

    /** {@return the index of the original text at which this text began when it was cut off} */
    public int shift() {
        return shift;
    }

    /** {@return an empty list of new code points for this text, with the limit of this text} */
    public Changes changes() {
        return new Changes(limit);
    }

    /** {@return an empty list of ranges, the same each time, for whoever looks for matches in this text} */
    public Spans spans() {
        spans.clear();
        return spans;
    }

    /**
     * Empties the text.
     *
     * @param start the index of the original text at which the new text begins
     */
    public void reset(int start) {
        length = 0;
        shift = start;
    }

    /**
     * Appends a code point.
     *
     * @param c the code point
     * @param first the first index of the original text that it came from
     * @param last the index after the last
     */
    public void append(int c, int first, int last) {
        reserve(length + 1L);
        text[length] = c;
        from[length] = first;
        to[length++] = last;
    }

    /**
     * Appends a part of another text.
     *
     * @param other the other text
     * @param first the index of its first code point
     * @param last the index after its last code point
     */
    public void append(AlignedText other, int first, int last) {
        int count = last - first;
        reserve((long) length + count);
        System.arraycopy(other.text, first, text, length, count);
        System.arraycopy(other.from, first, from, length, count);
        System.arraycopy(other.to, first, to, length, count);
        length += count;
    }

    /**
     * Keeps some code points.
     *
     * @param kept tells which
     */
    public void filter(IntPredicate kept) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            if (kept.test(text[i])) {
                text[count] = text[i];
                from[count] = from[i];
                to[count++] = to[i];
            }
        }
        length = count;
    }

    /**
     * Replaces each code point by one.
     *
     * @param replacement gives the new code point
     */
    public void map(IntUnaryOperator replacement) {
        for (int i = 0; i < length; i++) {
            text[i] = replacement.applyAsInt(text[i]);
        }
    }

    /**
     * Keeps a range.
     *
     * @param first the index of the first code point that is kept
     * @param last the index after the last
     */
    public void keep(int first, int last) {
        length = last - first;
        System.arraycopy(text, first, text, 0, length);
        System.arraycopy(from, first, from, 0, length);
        System.arraycopy(to, first, to, 0, length);
    }

    /**
     * Puts a text before this one, unless this one is empty. It came from the first code point.
     *
     * @param prefix the text before
     */
    public void prepend(int[] prefix) {
        if (length == 0) {
            return;
        }
        int count = prefix.length;
        reserve((long) length + count);
        System.arraycopy(text, 0, text, count, length);
        System.arraycopy(from, 0, from, count, length);
        System.arraycopy(to, 0, to, count, length);
        System.arraycopy(prefix, 0, text, 0, count);
        Arrays.fill(from, 0, count, from[count]);
        Arrays.fill(to, 0, count, to[count]);
        length += count;
    }

    /**
     * Replaces the whole text. A change tells how a new code point follows from old ones: 0 replaces the next old one, -n
     * replaces the next old one and drops n more, 1 or more adds to the last old one.
     *
     * @param codePoints the new code points and their changes
     */
    public void transform(Changes codePoints) {
        swap();
        int count = codePoints.size();
        reserve(count);
        int next = 0;
        for (int i = 0; i < count; i++) {
            int change = codePoints.change(i);
            text[i] = codePoints.codePoint(i);
            if (change > 0) {
                from[i] = next < 1 ? shift : oldFrom[next - 1];
                to[i] = next < 1 ? shift : oldTo[next - 1];
            } else {
                int used = Math.min(next, length - 1);
                from[i] = oldFrom[used];
                to[i] = oldTo[used];
                next = Math.min(next + 1 - change, length);
            }
        }
        length = count;
    }

    /**
     * Replaces what matches. The replacement came from the last code point of the match.
     *
     * @param spans matches and what is between them, in order, from the start to the end
     * @param content the replacement of a match
     */
    public void replace(Spans spans, int[] content) {
        swap();
        length = 0;
        for (int i = 0; i < spans.size(); i++) {
            int first = spans.from(i);
            int last = spans.to(i);
            if (spans.isMatch(i)) {
                int origin = last < 1 ? shift : oldFrom[last - 1];
                int end = last < 1 ? shift : oldTo[last - 1];
                for (int c : content) {
                    append(c, origin, end);
                }
            } else {
                reserve((long) length + last - first);
                System.arraycopy(oldText, first, text, length, last - first);
                System.arraycopy(oldFrom, first, from, length, last - first);
                System.arraycopy(oldTo, first, to, length, last - first);
                length += last - first;
            }
        }
    }

    /** A text that normalization makes longer than is allowed. */
    static ResourceLimitException tooLong(int limit) {
        return new ResourceLimitException(
                "normalized text",
                "more than " + limit + " characters",
                null,
                "check the normalizer and the added tokens of the tokenizer file: they make the text much longer");
    }

    private void swap() {
        int[] keptText = text;
        int[] keptFrom = from;
        int[] keptTo = to;
        text = oldText;
        from = oldFrom;
        to = oldTo;
        oldText = keptText;
        oldFrom = keptFrom;
        oldTo = keptTo;
    }

    private void reserve(long capacity) {
        if (capacity > text.length) {
            if (capacity > limit) {
                throw tooLong(limit);
            }
            int larger = (int) Math.max(capacity, Math.min(text.length + (long) (text.length >> 1), limit));
            text = Arrays.copyOf(text, larger);
            from = Arrays.copyOf(from, larger);
            to = Arrays.copyOf(to, larger);
        }
    }
}
