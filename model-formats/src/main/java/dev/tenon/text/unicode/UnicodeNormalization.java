package dev.tenon.text.unicode;

import dev.tenon.op.text.regex.CodePoints;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;

/**
 * The decompositions and compositions of Unicode 9, one code point at a time. They are those of the JDK without the
 * additions of later versions, because models were trained with the older ones.
 */
public final class UnicodeNormalization {
    /** Code points that got a decomposition in Unicode 10 or later. */
    private static final CodePoints LATER = CodePoints.parse("""
        32ff a7f2-a7f4 ab69 105c9 105e4 10781-10785 10787-107b0 107b2-107ba 11383 11385 1138e 11391 113c5
        113c7-113c8 11938 16121-16128 16d68-16d6a 1ccd6-1ccf9 1e030-1e06d 1f16c 1fbf0-1fbf9
        """);

    /** No code point below this one has a decomposition. */
    private static final int FIRST = 0xA0;

    /** The ranges in which code points have decompositions, without the syllables of Hangul. */
    private static final int[][] DECOMPOSING = {
        {FIRST, 0x3400},
        {0xA600, 0xAC00},
        {0xF900, 0x10000},
        {0x10500, 0x12000},
        {0x16000, 0x17000},
        {0x1B000, 0x20000},
        {0x2F800, 0x2FA20}
    };

    private static final int SYLLABLES = 0xAC00;
    private static final int SYLLABLE_COUNT = 11172;
    private static final int LEADS = 0x1100;
    private static final int LEAD_COUNT = 19;
    private static final int VOWELS = 0x1161;
    private static final int VOWEL_COUNT = 21;
    private static final int TRAILS = 0x11A7;
    private static final int TRAIL_COUNT = 28;

    private static final Map<Integer, int[]> CANONICAL = new HashMap<>();
    private static final Map<Integer, int[]> COMPATIBLE = new HashMap<>();
    private static final Map<Long, Integer> COMPOSITIONS = new HashMap<>();

    static {
        for (int[] range : DECOMPOSING) {
            for (int c = range[0]; c < range[1]; c++) {
                if (!LATER.contains(c)) {
                    enter(c);
                }
            }
        }
    }

    private UnicodeNormalization() {}

    private static void enter(int c) {
        String text = Character.toString(c);
        String compatible = Normalizer.normalize(text, Normalizer.Form.NFKD);
        if (compatible.equals(text)) {
            return;
        }
        COMPATIBLE.put(c, compatible.codePoints().toArray());
        String canonical = Normalizer.normalize(text, Normalizer.Form.NFD);
        if (canonical.equals(text)) {
            return;
        }
        int[] parts = canonical.codePoints().toArray();
        CANONICAL.put(c, parts);
        if (Normalizer.normalize(text, Normalizer.Form.NFC).equals(text)) {
            String rest = Normalizer.normalize(new String(parts, 0, parts.length - 1), Normalizer.Form.NFC);
            COMPOSITIONS.put(pair(rest.codePointAt(0), parts[parts.length - 1]), c);
        }
    }

    private static long pair(int first, int second) {
        return (long) first << 32 | second;
    }

    /**
     * The canonical combining class.
     *
     * @param c a code point
     * @return 0 to 255
     */
    public static int combiningClass(int c) {
        return CombiningClasses.of(c);
    }

    /**
     * The full decomposition of a code point.
     *
     * @param c the code point
     * @param compatible whether compatibility decompositions count
     * @return the code points that it is made of, not to be changed; null if it is not made of others
     */
    public static int[] decomposition(int c, boolean compatible) {
        if (c < FIRST) {
            return null;
        }
        int syllable = c - SYLLABLES;
        if (syllable >= 0 && syllable < SYLLABLE_COUNT) {
            int lead = LEADS + syllable / (VOWEL_COUNT * TRAIL_COUNT);
            int vowel = VOWELS + syllable % (VOWEL_COUNT * TRAIL_COUNT) / TRAIL_COUNT;
            int trail = TRAILS + syllable % TRAIL_COUNT;
            return trail == TRAILS ? new int[] {lead, vowel} : new int[] {lead, vowel, trail};
        }
        return (compatible ? COMPATIBLE : CANONICAL).get(c);
    }

    /**
     * The composition of two code points.
     *
     * @param first the first
     * @param second the second
     * @return the code point that they make, or -1
     */
    public static int composition(int first, int second) {
        if (second < 0x300) {
            return -1;
        }
        int lead = first - LEADS;
        int vowel = second - VOWELS;
        if (lead >= 0 && lead < LEAD_COUNT && vowel >= 0 && vowel < VOWEL_COUNT) {
            return SYLLABLES + (lead * VOWEL_COUNT + vowel) * TRAIL_COUNT;
        }
        int syllable = first - SYLLABLES;
        int trail = second - TRAILS;
        if (syllable >= 0
                && syllable < SYLLABLE_COUNT
                && syllable % TRAIL_COUNT == 0
                && trail > 0
                && trail < TRAIL_COUNT) {
            return first + trail;
        }
        Integer made = COMPOSITIONS.get(pair(first, second));
        return made == null ? -1 : made;
    }
}
