package dev.tenon.fuzz;

import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.testkit.fuzz.Outcome;
import dev.tenon.testkit.fuzz.Outcome.Kind;
import dev.tenon.testkit.fuzz.TextMutation;
import dev.tenon.testkit.fuzz.Trial;
import dev.tenon.text.Encoding;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;

/** Judges tokenizer files by some texts, and texts by some tokenizers: all offsets are in the text, in order. */
final class TextOracle {
    private static final TokenizerOptions OPTIONS = TokenizerOptions.standard()
            .limits(Limits.standard().maxModelBytes(1 << 20).maxRecords(1 << 18))
            .maxTextLength(1 << 16);

    private static final List<String> TEXTS = List.of(
            "",
            "The cat's hello, 123 (the) abab.",
            " a \u00E9\u0301 \u4E2D\uD83D\uDE00\uD800 |1|2 ",
            "ab".repeat(300) + " ".repeat(50) + "[CLS]");

    /** The lengths of the texts that tokenizers get as the second one of a pair. */
    private static final int PAIRED = 40;

    private TextOracle() {}

    /** Judges a tokenizer file. */
    static Outcome file(byte[] file) {
        return Trial.twice(() -> {
            Tokenizer tokenizer;
            try {
                tokenizer = read(file);
            } catch (TenonException e) {
                return Trial.typed(Kind.REFUSED_AT_LOADING, e);
            }
            try {
                StringBuilder result = new StringBuilder(use(tokenizer, TEXTS.get(1)));
                Tokenizer unpadded = tokenizer.with(OPTIONS.padding(Padding.none()));
                TEXTS.forEach(text -> result.append(use(unpadded, text)));
                return new Outcome(Kind.RAN, "", result.toString());
            } catch (TenonException e) {
                return Trial.typed(Kind.REFUSED_AT_RUN, e);
            }
        });
    }

    private static Tokenizer read(byte[] file) {
        return Tokenizer.load(new ByteArrayInputStream(file), OPTIONS);
    }

    /** Judges texts by one of some tokenizers, which the length of the text chooses. */
    static Outcome text(List<Tokenizer> tokenizers, byte[] file) {
        String text = TextMutation.text(file);
        Tokenizer tokenizer = tokenizers.get(text.length() % tokenizers.size());
        return Trial.reading(() -> use(tokenizer, text)
                + use(tokenizer.with(OPTIONS.maxLength(PAIRED).windows(2)), text));
    }

    /** Tokenizers of files, without the padding that the files ask for. */
    static List<Tokenizer> tokenizers(List<byte[]> files) {
        return files.stream()
                .map(file -> read(file).with(OPTIONS.padding(Padding.none())))
                .toList();
    }

    private static String use(Tokenizer tokenizer, String text) {
        Encoding one = tokenizer.encode(text);
        String second = text.substring(0, Math.min(PAIRED, text.length()));
        return digest(one, text, text)
                + digest(tokenizer.encode(text, second), text, second)
                + tokenizer.decode(one.ids()).hashCode()
                + tokenizer.decode(one.ids(), true).hashCode();
    }

    private static String digest(Encoding encoding, String first, String second) {
        for (int i = 0; i < encoding.length(); i++) {
            int length = (encoding.sequence(i) == 1 ? second : first).length();
            if (encoding.start(i) < 0 || encoding.start(i) > encoding.end(i) || encoding.end(i) > length) {
                throw new IllegalStateException("token " + i + " is from " + encoding.start(i) + " to "
                        + encoding.end(i) + " in a text of " + length);
            }
        }
        StringBuilder digest = new StringBuilder(
                encoding.length() + " " + Arrays.hashCode(encoding.ids()) + " " + encoding.hashCode() + ";");
        encoding.overflowing().forEach(window -> digest.append(digest(window, first, second)));
        return digest.toString();
    }
}
