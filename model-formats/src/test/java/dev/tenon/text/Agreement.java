package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.tenon.testkit.Texts;
import java.util.List;
import java.util.stream.IntStream;

/** Compares rows with those of the reference: ids, masks, type ids, offsets, other windows. */
final class Agreement {
    private Agreement() {}

    /** Compares the rows of one text. */
    static void check(String text, Encoding actual, HuggingFaceOracle.Row expected) {
        check(text, List.of(text), actual, expected);
    }

    /** Compares the rows of a pair of texts. */
    static void check(String first, String second, Encoding actual, HuggingFaceOracle.Row expected) {
        check(first + " / " + second, List.of(first, second), actual, expected);
    }

    private static void check(String name, List<String> texts, Encoding actual, HuggingFaceOracle.Row expected) {
        if (!describe(actual, texts).equals(describe(expected, actual))) {
            List<String> ours = describe(actual, texts);
            List<String> theirs = describe(expected, actual);
            int at = 0;
            while (at < Math.min(ours.size(), theirs.size()) && ours.get(at).equals(theirs.get(at))) {
                at++;
            }
            String place = "token " + at + " of " + Texts.escaped(name);
            assertThat(ours.subList(at, ours.size())).as(place).isEqualTo(theirs.subList(at, theirs.size()));
        }
        if (!actual.overflowing().isEmpty()) {
            assertThat(actual.overflowing()).as(() -> Texts.escaped(name)).hasSameSizeAs(expected.overflowing());
            for (int i = 0; i < expected.overflowing().size(); i++) {
                check(
                        name,
                        texts,
                        actual.overflowing().get(i),
                        expected.overflowing().get(i));
            }
        }
    }

    // A line for each token, so that a failure shows where rows differ.
    private static List<String> describe(Encoding row, List<String> texts) {
        int[] masks = row.attentionMask();
        int[] types = row.typeIds();
        return IntStream.range(0, row.length())
                .mapToObj(i -> {
                    int sequence = row.sequence(i);
                    String span = "-";
                    if (sequence != Encoding.NONE) {
                        String text = texts.get(sequence);
                        span = points(text, row.start(i)) + "-" + points(text, row.end(i));
                    }
                    return row.id(i) + " " + masks[i] + " " + types[i] + " " + span;
                })
                .toList();
    }

    private static int points(String text, int units) {
        return text.codePointCount(0, units);
    }

    // The reference gives padding and special tokens no range in some rows, and the range of their place in others.
    private static List<String> describe(HuggingFaceOracle.Row row, Encoding actual) {
        return IntStream.range(0, row.length())
                .mapToObj(i -> {
                    CharSpan span = row.spans()[i];
                    boolean none = span == null || i < actual.length() && actual.sequence(i) == Encoding.NONE;
                    return row.ids()[i] + " " + row.mask()[i] + " " + row.typeIds()[i] + " "
                            + (none ? "-" : span.getStart() + "-" + span.getEnd());
                })
                .toList();
    }
}
